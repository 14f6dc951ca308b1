// SPDX-License-Identifier: GPL-2.0
/*
 * The language of scenarios: words, numbers, times, errors, and segments as
 * text. kunit/README.md is its reference.
 */#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "scenario.h"

static const struct {
	char letter;
	u8 flag;
} flag_letters[] = {
	{ 'S', RILL_SYN }, { 'F', RILL_FIN }, { 'R', RILL_RST },
	{ 'P', RILL_PSH }, { 'U', RILL_URG }, { 'E', RILL_ECE },
	{ 'C', RILL_CWR }, { 'A', RILL_ACK },
};

/* RFC 3168, 5: the ECN field, by its number. */
static const char *const ecn_fields[] = { NULL, "ect1", "ect0", "ce" };

static const struct {
	const char *name;
	int err;
} errors[] = {
	{ "EACCES", EACCES },
	{ "EADDRINUSE", EADDRINUSE },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
	{ "EAGAIN", EAGAIN },
	{ "EALREADY", EALREADY },
	{ "ECONNABORTED", ECONNABORTED },
	{ "ECONNREFUSED", ECONNREFUSED },
	{ "ECONNRESET", ECONNRESET },
	{ "EHOSTDOWN", EHOSTDOWN },
	{ "EHOSTUNREACH", EHOSTUNREACH },
	{ "EINPROGRESS", EINPROGRESS },
	{ "EINVAL", EINVAL },
	{ "EISCONN", EISCONN },
	{ "ENETUNREACH", ENETUNREACH },
	{ "ENOBUFS", ENOBUFS },
	{ "ENOENT", ENOENT },
	{ "ENOMEM", ENOMEM },
	{ "ENONET", ENONET },
	{ "ENOPROTOOPT", ENOPROTOOPT },
	{ "ENOTCONN", ENOTCONN },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ "EPIPE", EPIPE },
	{ "EPROTO", EPROTO },
	{ "ERESTARTSYS", ERESTARTSYS },
	{ "ETIMEDOUT", ETIMEDOUT },
};

static const struct {
	const char *name;
	u64 ns;
} units[] = {
	{ "ns", 1 },
	{ "us", NSEC_PER_USEC },
	{ "ms", NSEC_PER_MSEC },
	{ "s", NSEC_PER_SEC },
	{ "m", 60ULL * NSEC_PER_SEC },
	{ "h", 3600ULL * NSEC_PER_SEC },
};

/**
 * scenario_word() - take the next word of a line
 * @text: the rest of the line, moved on
 *
 * Context: any.
 * Return: the word, or NULL at the end of the line.
 */
char *scenario_word(char **text)
{
	char *word;

	if (!*text)
		return NULL;
	*text = skip_spaces(*text);
	if (!**text)
		return NULL;
	word = strsep(text, " \t");
	return word;
}

/* Digits at *@p, moved on; false if there are none. */
static bool scenario_digits(const char **p, u64 *value)
{
	const char *start = *p;

	for (*value = 0; isdigit(**p); (*p)++)
		*value = *value * 10 + (**p - '0');
	return *p != start;
}

/* A number modulo 2^32 at *@p, perhaps negative. */
static bool scenario_take(const char **p, u32 *value)
{
	bool minus = **p == '-';
	u64 digits;

	if (minus)
		(*p)++;
	if (!scenario_digits(p, &digits))
		return false;
	*value = minus ? -(u32)digits : digits;
	return true;
}

/**
 * scenario_value() - read a number
 * @word: decimal digits, perhaps with a minus
 * @value: answer, modulo 2^32
 *
 * Context: any.
 * Return: false if @word is not a number.
 */
bool scenario_value(const char *word, u32 *value)
{
	return word && scenario_take(&word, value) && !*word;
}

/**
 * scenario_next_value() - take the next word if it is a number
 * @text: the rest of the line, moved on if it is
 * @value: answer, modulo 2^32
 *
 * Context: any.
 * Return: false if it is not.
 */
bool scenario_next_value(char **text, u32 *value)
{
	const char *p = skip_spaces(*text ?: "");

	if (!scenario_take(&p, value) || (*p && !isspace(*p)))
		return false;
	*text = (char *)p;
	return true;
}

/**
 * scenario_number() - read what a line says of a number
 * @word: "*", "N", ">=N" or "<=N"
 * @number: answer
 *
 * Context: any.
 * Return: false if @word is none of them.
 */
bool scenario_number(const char *word, struct scenario_number *number)
{
	number->value = 0;
	number->how = SCENARIO_ANY;
	if (!word)
		return false;
	if (!strcmp(word, "*"))
		return true;

	number->how = SCENARIO_EXACT;
	if (!strncmp(word, ">=", 2)) {
		number->how = SCENARIO_LEAST;
		word += 2;
	} else if (!strncmp(word, "<=", 2)) {
		number->how = SCENARIO_MOST;
		word += 2;
	}
	return scenario_value(word, &number->value);
}

/**
 * scenario_duration() - read a time
 * @word: number, perhaps with a fraction, and unit
 * @ns: answer
 *
 * Context: any.
 * Return: false if @word is not a time.
 */
bool scenario_duration(const char *word, u64 *ns)
{
	u64 whole, fraction = 0, scale = 1;
	size_t i;

	if (!word || !scenario_digits(&word, &whole))
		return false;
	if (*word == '.') {
		for (word++; isdigit(*word); word++) {
			fraction = fraction * 10 + (*word - '0');
			scale *= 10;
		}
	}
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(word, units[i].name))
			continue;
		*ns = whole * units[i].ns +
		      div64_u64(fraction * units[i].ns, scale);
		return true;
	}
	return false;
}

/**
 * scenario_errno() - read the name of an error
 * @word: name
 * @err: answer, positive
 *
 * Context: any.
 * Return: false if no error has that name.
 */
bool scenario_errno(const char *word, int *err)
{
	size_t i;

	for (i = 0; word && i < ARRAY_SIZE(errors); i++) {
		if (strcmp(word, errors[i].name))
			continue;
		*err = errors[i].err;
		return true;
	}
	return false;
}

/**
 * scenario_errno_name() - the name of an error
 * @err: positive
 *
 * Context: any.
 * Return: its name, or a text that it has none.
 */
const char *scenario_errno_name(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].err == err)
			return errors[i].name;
	}
	return err ? "an error without a name here" : "no error";
}

/**
 * scenario_byte() - what the streams of all scenarios carry
 * @ours: of our stream, else of the peer's
 * @offset: in the stream
 *
 * Neighbours differ, and so do bytes a power of two apart, so that a byte in
 * the wrong place shows.
 *
 * Context: any.
 * Return: the byte at @offset.
 */
u8 scenario_byte(bool ours, u32 offset)
{
	return (offset * 7 + (offset >> 8) * 13 + (offset >> 16)) ^
	       (ours ? 0 : 0xa5);
}

static bool scenario_flags_read(const char *word,
				struct scenario_segment *seg)
{
	size_t i;

	if (!word)
		return false;
	if (!strcmp(word, "-"))
		return true;
	for (; *word; word++) {
		if (*word == 'p') {
			seg->any_push = true;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(flag_letters); i++) {
			if (*word == flag_letters[i].letter)
				break;
		}
		if (i == ARRAY_SIZE(flag_letters))
			return false;
		seg->flags |= flag_letters[i].flag;
	}
	return true;
}

/* "FIRST:END(LENGTH)", or "*(LENGTH)" for any place. */
static bool scenario_seq_read(const char *word, struct scenario_segment *seg)
{
	u32 end;

	if (!word)
		return false;
	seg->seq.how = SCENARIO_EXACT;
	if (*word == '*') {
		seg->seq.how = SCENARIO_ANY;
		word++;
	} else if (!scenario_take(&word, &seg->seq.value) ||
		   *word++ != ':' || !scenario_take(&word, &end)) {
		return false;
	}
	if (*word++ != '(' || !scenario_take(&word, &seg->len))
		return false;
	if (seg->seq.how == SCENARIO_EXACT && end - seg->seq.value != seg->len)
		return false;
	return *word == ')' && !word[1];
}

static bool scenario_sacks_read(char *args, struct scenario_options *o)
{
	const char *word;

	while ((word = scenario_word(&args))) {
		if (o->nsacks == SCENARIO_SACKS ||
		    !scenario_take(&word, &o->sack_start[o->nsacks]) ||
		    *word++ != ':' ||
		    !scenario_take(&word, &o->sack_end[o->nsacks]) || *word)
			return false;
		o->nsacks++;
	}
	return o->nsacks > 0;
}

/* Up to two numbers; those that are not there are any. */
static bool scenario_pair_read(char *args, struct scenario_number *first,
			       struct scenario_number *second)
{
	const char *word;

	word = scenario_word(&args);
	if (word && !scenario_number(word, first))
		return false;
	word = scenario_word(&args);
	if (word && (!second || !scenario_number(word, second)))
		return false;
	return !scenario_word(&args);
}

static bool scenario_raw_read(char *args, struct scenario_options *o)
{
	const char *word = scenario_word(&args);
	size_t digits = word ? strlen(word) : 0;

	if (!digits || digits % 2 || digits / 2 > sizeof(o->raw))
		return false;
	o->raw_len = digits / 2;
	return !hex2bin(o->raw, word, o->raw_len);
}

static bool scenario_option_read(char *text, struct scenario_options *o)
{
	const char *name = scenario_word(&text);

	if (!name)
		return false;
	if (!strcmp(name, "mss")) {
		o->has_mss = true;
		return scenario_pair_read(text, &o->mss, NULL);
	}
	if (!strcmp(name, "ws")) {
		o->has_ws = true;
		return scenario_pair_read(text, &o->ws, NULL);
	}
	if (!strcmp(name, "sackok")) {
		o->has_sackok = true;
		return !scenario_word(&text);
	}
	if (!strcmp(name, "ts")) {
		o->has_ts = true;
		return scenario_pair_read(text, &o->tsval, &o->tsecr);
	}
	if (!strcmp(name, "rill")) {
		o->has_rill = true;
		return scenario_pair_read(text, &o->delay_us, &o->unit);
	}
	if (!strcmp(name, "sack"))
		return scenario_sacks_read(text, o);
	if (!strcmp(name, "raw"))
		return scenario_raw_read(text, o);
	return false;
}

/* Cut "<...>" out of @text; "<=" is not the beginning of one. */
static bool scenario_options_read(char *text, struct scenario_options *o)
{
	char *open, *close, *option;

	for (open = strchr(text, '<'); open && open[1] == '=';)
		open = strchr(open + 1, '<');
	if (!open)
		return true;
	close = strchr(open, '>');
	if (!close)
		return false;

	o->given = true;
	*open = ' ';
	*close = 0;
	text = skip_spaces(open);
	while (*text && (option = strsep(&text, ","))) {
		if (!scenario_option_read(option, o))
			return false;
		if (!text)
			break;
	}
	memset(open, ' ', close - open + 1);
	return true;
}

static bool scenario_ecn_read(const char *word, struct scenario_segment *seg)
{
	size_t i;

	for (i = 1; i < ARRAY_SIZE(ecn_fields); i++) {
		if (strcmp(word, ecn_fields[i]))
			continue;
		seg->ecn = i;
		return true;
	}
	return false;
}

static bool scenario_segment_words(char *text, struct scenario_segment *seg)
{
	const char *word;

	while ((word = scenario_word(&text))) {
		if (!strcmp(word, "ack")) {
			if (!scenario_number(scenario_word(&text), &seg->ack))
				return false;
		} else if (!strcmp(word, "win")) {
			if (!scenario_number(scenario_word(&text), &seg->wnd))
				return false;
		} else if (!strcmp(word, "urg")) {
			if (!scenario_number(scenario_word(&text), &seg->up))
				return false;
		} else if (!strcmp(word, "garbled")) {
			seg->garbled = true;
		} else if (!strcmp(word, "badsum")) {
			seg->bad_checksum = true;
		} else if (!scenario_ecn_read(word, seg)) {
			return false;
		}
	}
	return true;
}

/**
 * scenario_segment_read() - read a segment of a script
 * @s: fixture, whose script fails if @text is not a segment
 * @text: behind "<" or ">"; is changed
 * @seg: answer, zeroed before; its numbers are relative
 *
 * Context: process.
 * Return: false if the script failed.
 */
bool scenario_segment_read(struct scenario *s, char *text,
			   struct scenario_segment *seg)
{
	if (!scenario_options_read(text, &seg->opts)) {
		scenario_fail(s, "options are not of the language");
		return false;
	}
	if (!scenario_flags_read(scenario_word(&text), seg)) {
		scenario_fail(s, "flags are not of the language");
		return false;
	}
	if (!scenario_seq_read(scenario_word(&text), seg)) {
		scenario_fail(s, "not first:end(length)");
		return false;
	}
	if (!scenario_segment_words(text, seg)) {
		scenario_fail(s, "segment is not of the language");
		return false;
	}
	return true;
}

static const struct scenario_flow *
scenario_flow_of(const struct scenario *s, const struct scenario_segment *seg)
{
	size_t i;

	for (i = 0; i < SCENARIO_FLOWS; i++) {
		if (s->flows[i].rport == seg->dport)
			return &s->flows[i];
	}
	return NULL;
}

static int scenario_options_print(const struct scenario_options *o, u32 irs,
				  u32 ts_first, u32 ts_base, char *buf,
				  size_t size)
{
	const char *sep = " <";
	size_t n = 0;
	int i;

	if (o->has_mss) {
		n += scnprintf(buf + n, size - n, "%smss %u", sep, o->mss.value);
		sep = ",";
	}
	if (o->has_sackok) {
		n += scnprintf(buf + n, size - n, "%ssackok", sep);
		sep = ",";
	}
	if (o->has_ts) {
		n += scnprintf(buf + n, size - n, "%sts %d %d", sep,
			       (s32)(o->tsval.value - ts_first),
			       (s32)(o->tsecr.value - ts_base));
		sep = ",";
	}
	if (o->has_ws) {
		n += scnprintf(buf + n, size - n, "%sws %u", sep, o->ws.value);
		sep = ",";
	}
	if (o->has_rill) {
		n += scnprintf(buf + n, size - n, "%srill %u %u", sep,
			       o->delay_us.value, o->unit.value);
		sep = ",";
	}
	for (i = 0; i < o->nsacks; i++) {
		n += scnprintf(buf + n, size - n, "%s%d:%d",
			       i ? " " : *sep == ',' ? ",sack " : " <sack ",
			       (s32)(o->sack_start[i] - irs),
			       (s32)(o->sack_end[i] - irs));
		sep = ",";
	}
	n += scnprintf(buf + n, size - n, "%s", *sep == ',' ? ">" : " <>");
	return n;
}

/**
 * scenario_segment_print() - write a segment that came out as a script would
 * @s: fixture
 * @seg: segment
 * @buf: where to
 * @size: of @buf, bytes
 *
 * Context: any.
 */
void scenario_segment_print(const struct scenario *s,
			    const struct scenario_segment *seg,
			    char *buf, size_t size)
{
	const struct scenario_flow *flow = scenario_flow_of(s, seg);
	u32 iss = 0, irs = 0, ts_first = 0, ts_base = 0, seq, n = 0;
	u8 shift = 0;
	size_t i;

	if (flow) {
		iss = flow->iss_known || !(seg->flags & RILL_SYN) ?
		      flow->iss : seg->seq.value;
		irs = flow->irs;
		ts_first = flow->ts_seen ? flow->ts_first :
			   seg->opts.tsval.value;
		ts_base = seg->flags & RILL_ACK ? flow->ts_base : 0;
		if (flow->theirs.has_ws && !(seg->flags & RILL_SYN))
			shift = flow->ours.ws.value;
	}
	n += scnprintf(buf + n, size - n, "> ");
	for (i = 0; i < ARRAY_SIZE(flag_letters); i++) {
		if (seg->flags & flag_letters[i].flag)
			n += scnprintf(buf + n, size - n, "%c",
				       flag_letters[i].letter);
	}
	seq = seg->seq.value - iss;
	n += scnprintf(buf + n, size - n, "%s %d:%d(%u)",
		       seg->flags ? "" : "-", (s32)seq,
		       (s32)(seq + seg->len), seg->len);
	if (seg->flags & RILL_ACK)
		n += scnprintf(buf + n, size - n, " ack %d",
			       (s32)(seg->ack.value - irs));
	n += scnprintf(buf + n, size - n, " win %u",
		       seg->wnd.value << shift);
	if (seg->flags & RILL_URG)
		n += scnprintf(buf + n, size - n, " urg %u", seg->up.value);
	if (seg->ecn)
		n += scnprintf(buf + n, size - n, " %s", ecn_fields[seg->ecn]);
	n += scenario_options_print(&seg->opts, irs, ts_first, ts_base,
				    buf + n, size - n);
	scnprintf(buf + n, size - n, "%s%s%s", flow ? "" : " to no flow",
		  seg->fault ? ", " : "", seg->fault ?: "");
}
