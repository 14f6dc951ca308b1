// SPDX-License-Identifier: GPL-2.0
/* Tunables as text: module/control/tunables.c. */
#include <kunit/test.h>
#include <linux/slab.h>
#include "../module/control/inside.h"

/* The table once more, by name: what the module makes of it is under test. */
struct tunables_spec {
	const char *name;
	size_t offset;
	u32 def;
	u32 least;
	u32 most;
};

static const struct tunables_spec tunables_specs[] = {
#define X(name_, def_, least_, most_, ...)				\
	[RILL_TUNE_##name_] = {						\
		.name = #name_,						\
		.offset = offsetof(struct rill_tunables, name_),	\
		.def = def_,						\
		.least = least_,					\
		.most = most_,						\
	},
	RILL_TUNABLES(X)
#undef X
};

static const char * const tunables_bad_numbers[] = {
	"", "\n", " ", " 5", "5 ", "5\x20\n", "\t5", "+5", "-5", "-0", "--5",
	"5x", "x5", "0x5", "5.0", "5e1", "five", "5\n\n", "\n5", "5\r\n",
	"5 6", "5,", "5\n6", "99999999999999999999x", "0b1", "\xb2",
};

static const char * const tunables_bad_triples[] = {
	"", "\n", "1", "1 2", "1 2 ", "1 2 3 4", "1,2,3", "1 2 x", "x 2 3",
	" 1 2 3", "1 2 3 ", "1 2 3\n\n", "1\n2\n3", "-1 2 3", "+1 2 3",
	"1 2 3x", "0x1 2 3", "1 2 99999999999999999999x",
	/* Three numbers, but descending. */
	"3 2 4", "1 5 4", "2 1 1", "3 2 1",
};

static const char * const tunables_range_triples[] = {
	"0 1 2", "0 0 0", "1 0 2", "1 2 0",
	"1 2 2147483648", "1 2147483648 2147483648", "2147483648 1 1",
	"1 2 4294967296", "1 2 4294967295", "1 2 99999999999999999999",
	"0 2 2147483648",
};

struct tunables_fixture {
	struct rill_tunables now;
	struct rill_tunables before;
	char *text;	/* a page */
};

static int tunables_test_init(struct kunit *test)
{
	struct tunables_fixture *fix;

	fix = kunit_kzalloc(test, sizeof(*fix), GFP_KERNEL);
	if (!fix)
		return -ENOMEM;
	fix->text = (char *)__get_free_page(GFP_KERNEL);
	if (!fix->text)
		return -ENOMEM;
	rill_tunables_init(&fix->now);
	fix->before = fix->now;
	test->priv = fix;
	return 0;
}

static void tunables_test_exit(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;

	if (fix)
		free_page((unsigned long)fix->text);
}

static u32 tunables_value(const struct tunables_fixture *fix,
			  const struct tunables_spec *spec)
{
	return *(const u32 *)((const char *)&fix->now + spec->offset);
}

/* @text must be refused by @err and change nothing at all. */
static void tunables_refuse(struct kunit *test, unsigned int id,
			    const char *text, int err)
{
	struct tunables_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ_MSG(test, rill_tunable_store(&fix->now, id, text), err,
			    "tunable %u, \"%s\"", id, text);
	KUNIT_EXPECT_EQ_MSG(test, memcmp(&fix->now, &fix->before,
					 sizeof(fix->now)), 0,
			    "tunable %u, \"%s\"", id, text);
}

static void tunables_defaults_are_the_table(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;
	const struct tunables_spec *spec;

	for (spec = tunables_specs;
	     spec < tunables_specs + ARRAY_SIZE(tunables_specs); spec++)
		KUNIT_EXPECT_EQ_MSG(test, tunables_value(fix, spec), spec->def,
				    "%s", spec->name);

	KUNIT_EXPECT_EQ(test, fix->now.rmem[0], 4096);
	KUNIT_EXPECT_EQ(test, fix->now.rmem[1], 131072);
	KUNIT_EXPECT_EQ(test, fix->now.rmem[2], 6291456);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[0], 4096);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[1], 16384);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[2], 4194304);
}

/* A namespace's defaults could have been written. */
static void tunables_defaults_are_accepted(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;
	unsigned int id;

	for (id = 0; id < RILL_TUNE_MAX; id++) {
		KUNIT_EXPECT_GT(test, rill_tunable_show(&fix->now, id,
							fix->text), 0);
		KUNIT_EXPECT_EQ_MSG(test, rill_tunable_store(&fix->now, id,
							     fix->text), 0,
				    "tunable %u, \"%s\"", id, fix->text);
	}
	KUNIT_EXPECT_EQ(test, memcmp(&fix->now, &fix->before,
				     sizeof(fix->now)), 0);
}

static void tunables_shown_as_number_and_newline(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;
	char expected[16];
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(tunables_specs); id++) {
		snprintf(expected, sizeof(expected), "%u\n",
			 tunables_specs[id].def);
		KUNIT_EXPECT_EQ(test, rill_tunable_show(&fix->now, id,
							fix->text),
				strlen(expected));
		KUNIT_EXPECT_STREQ(test, fix->text, expected);
	}
}

static void tunables_triple_shown_with_tabs(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;

	rill_tunable_show(&fix->now, RILL_TUNE_rmem, fix->text);
	KUNIT_EXPECT_STREQ(test, fix->text, "4096\t131072\t6291456\n");
}

static void tunables_limits_are_accepted(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;
	const struct tunables_spec *spec;
	char text[16];
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(tunables_specs); id++) {
		spec = &tunables_specs[id];
		snprintf(text, sizeof(text), "%u", spec->least);
		KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now, id, text),
				0);
		KUNIT_EXPECT_EQ(test, tunables_value(fix, spec), spec->least);
		snprintf(text, sizeof(text), "%u\n", spec->most);
		KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now, id, text),
				0);
		KUNIT_EXPECT_EQ(test, tunables_value(fix, spec), spec->most);
	}
}

static void tunables_beyond_limits_is_erange(struct kunit *test)
{
	const struct tunables_spec *spec;
	char text[16];
	unsigned int id;

	for (id = 0; id < ARRAY_SIZE(tunables_specs); id++) {
		spec = &tunables_specs[id];
		if (spec->least) {
			snprintf(text, sizeof(text), "%u", spec->least - 1);
			tunables_refuse(test, id, text, -ERANGE);
		}
		snprintf(text, sizeof(text), "%u\n", spec->most + 1);
		tunables_refuse(test, id, text, -ERANGE);
		tunables_refuse(test, id, "4294967295", -ERANGE);
		/* A number that a u32 would truncate to a small one. */
		tunables_refuse(test, id, "4294967297", -ERANGE);
		tunables_refuse(test, id, "18446744073709551617", -ERANGE);
		tunables_refuse(test, id, "99999999999999999999\n", -ERANGE);
	}
}

static void tunables_bad_form_is_einval(struct kunit *test)
{
	unsigned int id, i;

	for (id = 0; id < ARRAY_SIZE(tunables_specs); id++)
		for (i = 0; i < ARRAY_SIZE(tunables_bad_numbers); i++)
			tunables_refuse(test, id, tunables_bad_numbers[i],
					-EINVAL);
}

static void tunables_leading_zeros_are_decimal(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now,
						 RILL_TUNE_syn_retries,
						 "0000000000000000000010"), 0);
	KUNIT_EXPECT_EQ(test, fix->now.syn_retries, 10);
}

static void tunables_triple_accepts_blanks_between(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now, RILL_TUNE_wmem,
						 "1 \t 1\t2147483647\n"), 0);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[0], 1);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[1], 1);
	KUNIT_EXPECT_EQ(test, fix->now.wmem[2], 2147483647);
	KUNIT_EXPECT_EQ(test, fix->now.rmem[0], fix->before.rmem[0]);
}

static void tunables_bad_triple_is_einval(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tunables_bad_triples); i++) {
		tunables_refuse(test, RILL_TUNE_rmem, tunables_bad_triples[i],
				-EINVAL);
		tunables_refuse(test, RILL_TUNE_wmem, tunables_bad_triples[i],
				-EINVAL);
	}
}

static void tunables_triple_out_of_range_is_erange(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tunables_range_triples); i++)
		tunables_refuse(test, RILL_TUNE_rmem,
				tunables_range_triples[i], -ERANGE);
}

static void tunables_names(struct kunit *test)
{
	static const char *const bad[] = {
		"", "\n", " cubic", "cubic ", "cubic\n\n", "Cubic", "cubi",
		"cubicc", "0", "1", "cubic reno", "\ncubic", "vegas\n",
	};
	struct tunables_fixture *fix = test->priv;
	unsigned int i;

	rill_tunable_show(&fix->now, RILL_TUNE_congestion_control, fix->text);
	KUNIT_EXPECT_STREQ(test, fix->text, "cubic\n");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		tunables_refuse(test, RILL_TUNE_congestion_control, bad[i],
				-EINVAL);
	KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now,
						 RILL_TUNE_congestion_control,
						 "reno\n"), 0);
	rill_tunable_show(&fix->now, RILL_TUNE_congestion_control, fix->text);
	KUNIT_EXPECT_STREQ(test, fix->text, "reno\n");
	KUNIT_EXPECT_EQ(test, rill_tunable_store(&fix->now,
						 RILL_TUNE_congestion_control,
						 "cubic"), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&fix->now, &fix->before,
				     sizeof(fix->now)), 0);
}

static void tunables_names_available(struct kunit *test)
{
	struct tunables_fixture *fix = test->priv;

	KUNIT_EXPECT_EQ(test, rill_tunable_available(fix->text),
			strlen(fix->text));
	KUNIT_EXPECT_STREQ(test, fix->text, "cubic reno dctcp\n");
}

static struct kunit_case rill_tunables_cases[] = {
	KUNIT_CASE(tunables_defaults_are_the_table),
	KUNIT_CASE(tunables_defaults_are_accepted),
	KUNIT_CASE(tunables_shown_as_number_and_newline),
	KUNIT_CASE(tunables_triple_shown_with_tabs),
	KUNIT_CASE(tunables_limits_are_accepted),
	KUNIT_CASE(tunables_beyond_limits_is_erange),
	KUNIT_CASE(tunables_bad_form_is_einval),
	KUNIT_CASE(tunables_leading_zeros_are_decimal),
	KUNIT_CASE(tunables_triple_accepts_blanks_between),
	KUNIT_CASE(tunables_bad_triple_is_einval),
	KUNIT_CASE(tunables_triple_out_of_range_is_erange),
	KUNIT_CASE(tunables_names),
	KUNIT_CASE(tunables_names_available),
	{}
};

static struct kunit_suite rill_tunables_suite = {
	.name = "rill_tunables",
	.init = tunables_test_init,
	.exit = tunables_test_exit,
	.test_cases = rill_tunables_cases,
};

kunit_test_suite(rill_tunables_suite);
