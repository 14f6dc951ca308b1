// SPDX-License-Identifier: GPL-2.0
/*
 * Tunables: /sys/kernel/rill/net/<name>, one directory "net" for each network
 * namespace. A reader of sysfs sees that of the namespace in which its sysfs
 * was mounted, and the namespace's root may write.
 *
 * The text of a value is read strictly: decimal digits, or a name, and nothing
 * else. What looks almost right ("1e3", "0x10", "+5", "5 ") is more often a
 * mistake than a wish, and is refused.
 */
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <net/net_namespace.h>
#include "../compat.h"
#include "inside.h"

/* The values of a tunable that is a name, by the number that is kept. */
static const char *const rill_tunable_names[RILL_CC_MAX] = {
#define X(algorithm, name, restricted)					\
	[RILL_CC_##algorithm] = name,
	RILL_CONGESTION_CONTROLS(X)
#undef X
};

static const bool rill_tunable_restricted[RILL_CC_MAX] = {
#define X(algorithm, name, restricted)					\
	[RILL_CC_##algorithm] = restricted,
	RILL_CONGESTION_CONTROLS(X)
#undef X
};

/**
 * struct rill_tunable - one tunable
 * @attr: its file
 * @offset: place of its first number in struct rill_tunables, bytes
 * @numbers: 1, or 3 for least, default and most
 * @named: its one number is an index into rill_tunable_names
 * @def: the default
 * @least: smallest value of each number
 * @most: largest value of each number
 */
struct rill_tunable {
	struct attribute	attr;
	u16			offset;
	u8			numbers;
	bool			named;
	u32			def[3];
	u32			least;
	u32			most;
};

static struct rill_tunable rill_tunable_table[RILL_TUNE_MAX] = {
#define X(name_, def_, least_, most_, ...)				\
	[RILL_TUNE_##name_] = {						\
		.attr = { .name = #name_, .mode = 0644 },		\
		.offset = offsetof(struct rill_tunables, name_),	\
		.numbers = 1,						\
		.def = { def_ },					\
		.least = least_,					\
		.most = most_,						\
	},
	RILL_TUNABLES(X)
#undef X
/* Buffers are int in struct sock. */
#define X(name_, least_, def_, most_, ...)				\
	[RILL_TUNE_##name_] = {						\
		.attr = { .name = #name_, .mode = 0644 },		\
		.offset = offsetof(struct rill_tunables, name_),	\
		.numbers = 3,						\
		.def = { least_, def_, most_ },				\
		.least = 1,						\
		.most = INT_MAX,					\
	},
	RILL_TUNABLE_TRIPLES(X)
#undef X
#define X(name_, def_, ...)						\
	[RILL_TUNE_##name_] = {						\
		.attr = { .name = #name_, .mode = 0644 },		\
		.offset = offsetof(struct rill_tunables, name_),	\
		.numbers = 1,						\
		.named = true,						\
		.def = { RILL_CC_##def_ },				\
	},
	RILL_TUNABLE_NAMES(X)
#undef X
};

/* Two writers must not mix the numbers of a triple. */
static DEFINE_MUTEX(rill_tunable_lock);

static u32 *rill_tunable_word(struct rill_tunables *t,
			      const struct rill_tunable *desc)
{
	return (u32 *)((char *)t + desc->offset);
}

/**
 * rill_tunables_init - the values that a namespace starts with
 * @t: filled in
 *
 * Context: before @t is published.
 */
void rill_tunables_init(struct rill_tunables *t)
{
	const struct rill_tunable *desc;

	for (desc = rill_tunable_table;
	     desc < rill_tunable_table + RILL_TUNE_MAX; desc++)
		memcpy(rill_tunable_word(t, desc), desc->def,
		       desc->numbers * sizeof(u32));
}

/*
 * Read the digits at *@text and move it behind them. A number too large for
 * u32 is read to its end and becomes larger than any limit.
 */
static bool rill_tunable_number(const char **text, u64 *value)
{
	const char *p = *text;

	*value = 0;
	while (*p >= '0' && *p <= '9') {
		*value = min_t(u64, *value * 10 + (*p - '0'), 1ULL << 32);
		p++;
	}
	if (p == *text)
		return false;

	*text = p;
	return true;
}

/* Read the form alone: the numbers, blanks between them, one newline. */
static bool rill_tunable_parse(const char *text, unsigned int numbers,
			       u64 *values)
{
	unsigned int i;

	for (i = 0; i < numbers; i++) {
		if (i && *text != ' ' && *text != '\t')
			return false;
		while (i && (*text == ' ' || *text == '\t'))
			text++;
		if (!rill_tunable_number(&text, &values[i]))
			return false;
	}
	if (*text == '\n')
		text++;
	return !*text;
}

/*
 * Set a tunable that is a name; 0 or -EINVAL, or -EPERM: as with TCP, the root
 * of a user namespace does not choose what is unfair to others.
 */
static int rill_tunable_choose(u32 *word, const char *text)
{
	size_t len = strcspn(text, "\n");
	u32 i;

	if (text[len] && text[len + 1])
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(rill_tunable_names); i++) {
		if (strlen(rill_tunable_names[i]) != len ||
		    memcmp(rill_tunable_names[i], text, len))
			continue;
		if (rill_tunable_restricted[i] && *word != i &&
		    !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(*word, i);
		return 0;
	}
	return -EINVAL;
}

/**
 * rill_tunable_store - set a tunable from text
 * @t: the namespace's tunables
 * @id: which
 * @text: a decimal number, three of them with blanks between for a triple, or
 *	a name; with an optional newline
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL for text of another form, an unknown name, or a triple
 * that descends; -ERANGE for a number out of range; -EPERM for a name that
 * needs the host's CAP_NET_ADMIN. On an error nothing has changed.
 */
int rill_tunable_store(struct rill_tunables *t, enum rill_tunable_id id,
		       const char *text)
{
	const struct rill_tunable *desc = &rill_tunable_table[id];
	u32 *word = rill_tunable_word(t, desc);
	u64 values[3];
	unsigned int i;

	if (desc->named)
		return rill_tunable_choose(word, text);
	if (!rill_tunable_parse(text, desc->numbers, values))
		return -EINVAL;
	for (i = 0; i < desc->numbers; i++)
		if (values[i] < desc->least || values[i] > desc->most)
			return -ERANGE;
	if (desc->numbers == 3 &&
	    (values[0] > values[1] || values[1] > values[2]))
		return -EINVAL;

	mutex_lock(&rill_tunable_lock);
	for (i = 0; i < desc->numbers; i++)
		WRITE_ONCE(word[i], values[i]);
	mutex_unlock(&rill_tunable_lock);
	return 0;
}

/**
 * rill_tunable_show - a tunable as text
 * @t: the namespace's tunables
 * @id: which
 * @buf: a page
 *
 * Context: process; may sleep.
 * Return: length of the text, bytes.
 */
ssize_t rill_tunable_show(struct rill_tunables *t, enum rill_tunable_id id,
			  char *buf)
{
	const struct rill_tunable *desc = &rill_tunable_table[id];
	const u32 *word = rill_tunable_word(t, desc);
	ssize_t len;

	if (desc->named)
		return sysfs_emit(buf, "%s\n",
				  rill_tunable_names[READ_ONCE(word[0])]);
	if (desc->numbers == 1)
		return sysfs_emit(buf, "%u\n", READ_ONCE(word[0]));
	/* Three that were written at once. */
	mutex_lock(&rill_tunable_lock);
	len = sysfs_emit(buf, "%u\t%u\t%u\n", word[0], word[1], word[2]);
	mutex_unlock(&rill_tunable_lock);
	return len;
}

/**
 * rill_tunable_available - the names of congestion control, as text
 * @buf: a page
 *
 * Context: any.
 * Return: length of the text, bytes.
 */
ssize_t rill_tunable_available(char *buf)
{
	ssize_t len = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rill_tunable_names); i++)
		len += sysfs_emit_at(buf, len, "%s%s", i ? " " : "",
				     rill_tunable_names[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}

/* ---- sysfs ------------------------------------------------------------- */

/**
 * struct rill_sysfs - the directory of a namespace
 * @kobj: the directory
 * @rnet: the namespace, valid while the directory is in sysfs: removing it
 *	waits for readers and writers of its files
 *
 * Not part of struct rill_net, because references to a kobject can outlast
 * the namespace.
 */
struct rill_sysfs {
	struct kobject	kobj;
	struct rill_net	*rnet;
};

static struct kobject *rill_sysfs_root;	/* /sys/kernel/rill */

/* root can give the file a mode for writing: a write is refused here too. */
static struct attribute rill_sysfs_available = {
	.name = "available_congestion_control",
	.mode = 0444,
};

static struct rill_net *rill_sysfs_net(const struct kobject *kobj)
{
	return container_of(kobj, const struct rill_sysfs, kobj)->rnet;
}

static enum rill_tunable_id rill_sysfs_id(const struct attribute *attr)
{
	return container_of(attr, const struct rill_tunable, attr) -
	       rill_tunable_table;
}

static ssize_t rill_sysfs_show(struct kobject *kobj, struct attribute *attr,
			       char *buf)
{
	if (attr == &rill_sysfs_available)
		return rill_tunable_available(buf);
	return rill_tunable_show(&rill_sysfs_net(kobj)->tunables,
				 rill_sysfs_id(attr), buf);
}

static ssize_t rill_sysfs_store(struct kobject *kobj, struct attribute *attr,
				const char *buf, size_t count)
{
	int err;

	if (attr == &rill_sysfs_available)
		return -EPERM;
	/* A NUL within the text is no end: it is refused. */
	if (strnlen(buf, count) != count)
		return -EINVAL;

	err = rill_tunable_store(&rill_sysfs_net(kobj)->tunables,
				 rill_sysfs_id(attr), buf);
	return err ? err : count;
}

static const struct sysfs_ops rill_sysfs_ops = {
	.show = rill_sysfs_show,
	.store = rill_sysfs_store,
};

/* The tunables, available_congestion_control, and NULL. */
static struct attribute *rill_sysfs_attrs[RILL_TUNE_MAX + 2];

static const struct attribute_group rill_sysfs_group = {
	.attrs = rill_sysfs_attrs,
};

static const struct attribute_group *rill_sysfs_groups[] = {
	&rill_sysfs_group,
	NULL
};

static void rill_sysfs_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct rill_sysfs, kobj));
}

static const RILL_KOBJ_NS *
rill_sysfs_namespace(RILL_KOBJ_CONST struct kobject *kobj)
{
	return rill_kobj_ns(rill_sysfs_net(kobj)->net);
}

static void rill_sysfs_ownership(RILL_KOBJ_CONST struct kobject *kobj,
				 kuid_t *uid, kgid_t *gid)
{
	net_ns_get_ownership(rill_sysfs_net(kobj)->net, uid, gid);
}

static const struct kobj_type rill_sysfs_net_type = {
	.release = rill_sysfs_release,
	.sysfs_ops = &rill_sysfs_ops,
	.default_groups = rill_sysfs_groups,
	.namespace = rill_sysfs_namespace,
	.get_ownership = rill_sysfs_ownership,
};

static void rill_sysfs_root_release(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_ns_type_operations *
rill_sysfs_child_ns_type(RILL_KOBJ_CONST struct kobject *kobj)
{
	return &net_ns_type_operations;
}

/* All its children have one name, "net": the namespace distinguishes them. */
static const struct kobj_type rill_sysfs_root_type = {
	.release = rill_sysfs_root_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.child_ns_type = rill_sysfs_child_ns_type,
};

/**
 * rill_sysfs_init - make /sys/kernel/rill
 *
 * Context: process, at load, before the first namespace.
 * Return: 0 or -errno.
 */
int rill_sysfs_init(void)
{
	struct kobject *root = kzalloc(sizeof(*root), GFP_KERNEL);
	unsigned int id;
	int err;

	if (!root)
		return -ENOMEM;

	for (id = 0; id < RILL_TUNE_MAX; id++)
		rill_sysfs_attrs[id] = &rill_tunable_table[id].attr;
	rill_sysfs_attrs[RILL_TUNE_MAX] = &rill_sysfs_available;

	err = kobject_init_and_add(root, &rill_sysfs_root_type, kernel_kobj,
				   "rill");
	if (err) {
		kobject_put(root);
		return err;
	}
	rill_sysfs_root = root;
	return 0;
}

/**
 * rill_sysfs_exit - remove /sys/kernel/rill
 *
 * Context: process, at unload, after the last namespace.
 */
void rill_sysfs_exit(void)
{
	kobject_del(rill_sysfs_root);
	kobject_put(rill_sysfs_root);
}

/**
 * rill_sysfs_net_init - make the directory of a namespace
 * @rnet: namespace, its tunables initialized
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int rill_sysfs_net_init(struct rill_net *rnet)
{
	struct rill_sysfs *sysfs = kzalloc(sizeof(*sysfs), GFP_KERNEL_ACCOUNT);
	int err;

	if (!sysfs)
		return -ENOMEM;

	sysfs->rnet = rnet;
	err = kobject_init_and_add(&sysfs->kobj, &rill_sysfs_net_type,
				   rill_sysfs_root, "net");
	if (err) {
		kobject_put(&sysfs->kobj);
		return err;
	}
	rnet->sysfs = sysfs;
	return 0;
}

/**
 * rill_sysfs_net_exit - remove the directory of a namespace
 * @rnet: namespace; nobody reads or writes its tunables after this
 *
 * Context: process; may sleep. Waits for readers and writers of the files.
 */
void rill_sysfs_net_exit(struct rill_net *rnet)
{
	kobject_del(&rnet->sysfs->kobj);
	kobject_put(&rnet->sysfs->kobj);
	rnet->sysfs = NULL;
}
