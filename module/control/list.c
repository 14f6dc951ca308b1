// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/rill and /proc/net/rill6: all sockets and entries of a namespace, in
 * the columns of /proc/net/tcp and tcp6, so that what reads those reads these.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "../compat.h"
#include "../network/network.h"
#include "../time.h"
#include "../transfer/transfer.h"
#include "inside.h"

/**
 * struct rill_list - a file that is open
 * @net: its namespace, one reference held
 * @walk: where the reader is
 * @pos: of that place, as seq_file counts: 0 is the head of the table
 * @row: what is there
 * @looked: entries that were looked at
 * @family: whose sockets it shows
 */
struct rill_list {
	struct net		*net;
	struct rill_walk	walk;
	loff_t			pos;
	struct rill_row		row;
	u32			looked;
	u8			family;
};

/* ---- a line ------------------------------------------------------------ */

static void rill_list_address(struct seq_file *seq, u8 family,
			      const struct in6_addr *addr, u16 port)
{
	/* As they are in memory, whatever the order of bytes: as TCP's. */
	const u32 *word = (__force const u32 *)addr->s6_addr32;

	if (family == AF_INET6)
		seq_printf(seq, " %08X%08X%08X", word[0], word[1], word[2]);
	else
		seq_putc(seq, ' ');
	seq_printf(seq, "%08X:%04X", word[3], port);
}

/*
 * In ticks of the clock that programs see, as all times of /proc/net/tcp; begun
 * ones count, since most of rill's times are shorter than one.
 */
static u64 rill_list_ticks(u64 ns)
{
	return DIV_ROUND_UP_ULL(ns, NSEC_PER_SEC / USER_HZ);
}

/* The columns that only sockets have: RTO, ACK delay, quick ACKs, cwnd. */
static void rill_list_more(struct seq_file *seq, const struct sock *sk,
			   u8 state)
{
	const struct rill_sock *rs = rill_sk(sk);
	u32 ssthresh = READ_ONCE(rs->cc.ssthresh);
	int last = ssthresh >= INT_MAX ? -1 : ssthresh;
	/* A bit of a word whose other bits others change. */
	u8 interactive = data_race(rs->ack.interactive ? 1 : 0);

	if (state == TCP_LISTEN)
		last = 0;
	seq_printf(seq, " %llu %llu %u %u %d",
		   rill_list_ticks((u64)rill_rto_shown_us(sk) * NSEC_PER_USEC),
		   rill_list_ticks((u64)READ_ONCE(rs->agreed.delack_us) *
				   NSEC_PER_USEC),
		   READ_ONCE(rs->ack.quick) << 1 | interactive,
		   READ_ONCE(rs->cc.cwnd), last);
}

static void rill_list_print(struct seq_file *seq,
			    const struct rill_row *row, loff_t sl)
{
	/* Of no timer 0. */
	u64 left = rill_elapsed_ns(row->due_ns, rill_now_ns());
	uid_t uid = row->nobody ? 0 : from_kuid_munged(seq_user_ns(seq),
						       row->uid);

	seq_setwidth(seq, 149);
	seq_printf(seq, "%4lld:", sl);
	rill_list_address(seq, row->family, &row->laddr, row->lport);
	rill_list_address(seq, row->family, &row->raddr, row->rport);
	seq_printf(seq, " %02X %08X:%08X %02X:%08llX %08X %5u %8u %llu %d %pK",
		   row->state, row->tx, row->rx, row->timer,
		   rill_list_ticks(left),
		   row->retransmits, uid, row->probes,
		   row->ino, row->refs, row->at);
	if (row->sk)
		rill_list_more(seq, row->sk, row->state);
	if (row->family == AF_INET6)
		seq_putc(seq, '\n');
	else
		seq_pad(seq, '\n');
}

/* ---- the file ---------------------------------------------------------- */

/* Entries that are looked at before others may run. */
#define RILL_LIST_PIECE		256

/* The entry that is next, in another piece now and then. */
static struct rill_entry *rill_list_go_on(struct rill_list *list)
{
	struct rill_entry *entry = rill_walk_next(&list->walk);

	if (++list->looked % RILL_LIST_PIECE)
		return entry;
	rill_walk_stop(&list->walk);
	cond_resched();
	rill_walk_start(&list->walk);
	return rill_walk_again(&list->walk);
}

/* From an entry on, the first that this file shows. */
static struct rill_row *rill_list_seek(struct rill_list *list,
				       struct rill_entry *entry)
{
	struct rill_row *row = &list->row;

	for (; entry; entry = rill_list_go_on(list)) {
		row->family = list->family;
		if (rill_row_fill(row, entry))
			return row;
	}
	return NULL;
}

static void rill_list_rewind(struct rill_list *list)
{
	rill_walk_end(&list->walk);
	rill_walk_begin(&list->walk, rill_net(list->net));
	list->pos = 0;
}

static void *rill_list_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct rill_list *list = seq->private;

	list->pos = ++*pos;
	return rill_list_seek(list, rill_list_go_on(list));
}

static void *rill_list_start(struct seq_file *seq, loff_t *pos)
{
	struct rill_list *list = seq->private;
	loff_t at = list->pos;
	void *row;

	if (*pos < at) {
		rill_list_rewind(list);
		at = 0;
	}
	rill_walk_start(&list->walk);
	if (!*pos)
		return SEQ_START_TOKEN;
	row = at ? rill_list_seek(list, rill_walk_again(&list->walk)) :
		   SEQ_START_TOKEN;
	/* What comes after what a reader has seen. */
	while (row && at < *pos)
		row = rill_list_next(seq, row, &at);
	return row;
}

static void rill_list_stop(struct seq_file *seq, void *v)
{
	struct rill_list *list = seq->private;

	rill_walk_stop(&list->walk);
}

static const char * const rill_list_heads[] = {
	"  sl  local_address rem_address   ",
	"  sl  local_address                         remote_address                        ",
};

static int rill_list_show(struct seq_file *seq, void *v)
{
	const struct rill_list *list = seq->private;

	if (v != SEQ_START_TOKEN) {
		rill_list_print(seq, v, list->pos - 1);
		return 0;
	}
	seq_setwidth(seq, 149);
	seq_puts(seq, rill_list_heads[list->family == AF_INET6]);
	seq_puts(seq, "st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	if (list->family == AF_INET6)
		seq_putc(seq, '\n');
	else
		seq_pad(seq, '\n');
	return 0;
}

static const struct seq_operations rill_list_ops = {
	.start	= rill_list_start,
	.next	= rill_list_next,
	.stop	= rill_list_stop,
	.show	= rill_list_show,
};

static int rill_list_open(struct file *file, u8 family)
{
	struct net *net = maybe_get_net(pde_data(file_inode(file)));
	struct rill_list *list;

	if (!net)
		return -ENXIO;
	list = __seq_open_private(file, &rill_list_ops, sizeof(*list));
	if (!list) {
		put_net(net);
		return -ENOMEM;
	}
	list->net = net;
	list->family = family;
	rill_walk_begin(&list->walk, rill_net(net));
	return 0;
}

static int rill_list_open4(struct inode *inode, struct file *file)
{
	return rill_list_open(file, AF_INET);
}

static int rill_list_open6(struct inode *inode, struct file *file)
{
	return rill_list_open(file, AF_INET6);
}

static int rill_list_release(struct inode *inode, struct file *file)
{
	struct rill_list *list = ((struct seq_file *)file->private_data)->private;

	rill_walk_end(&list->walk);
	put_net(list->net);
	return seq_release_private(inode, file);
}

static const struct proc_ops rill_list_proc4 = {
	.proc_open	= rill_list_open4,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= rill_list_release,
};

static const struct proc_ops rill_list_proc6 = {
	.proc_open	= rill_list_open6,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= rill_list_release,
};

/**
 * rill_list_init - make /proc/net/rill and rill6 of a namespace
 * @rnet: namespace
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int rill_list_init(struct rill_net *rnet)
{
	struct proc_dir_entry *dir = rnet->net->proc_net;

	if (!proc_create_data("rill", 0444, dir, &rill_list_proc4, rnet->net))
		return -ENOMEM;
	if (!ipv6_mod_enabled() ||
	    proc_create_data("rill6", 0444, dir, &rill_list_proc6, rnet->net))
		return 0;
	remove_proc_entry("rill", dir);
	return -ENOMEM;
}

/**
 * rill_list_exit - remove what rill_list_init() made
 * @rnet: namespace
 *
 * Context: process; may sleep. Waits for calls that are under way, and lets open
 * files go.
 */
void rill_list_exit(struct rill_net *rnet)
{
	if (ipv6_mod_enabled())
		remove_proc_entry("rill6", rnet->net->proc_net);
	remove_proc_entry("rill", rnet->net->proc_net);
}
