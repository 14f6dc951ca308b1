// SPDX-License-Identifier: GPL-2.0
/*
 * The account of memory that all sockets share: what a socket may take of it
 * though the core refuses, and which gives way when it is used up.
 *
 * Memory taken in spite of a refusal is added to the account as well: otherwise
 * the account would not grow, the limit would never be reached, and each socket
 * could take without end. Only where a memory cgroup pays is nothing added:
 * what cannot be charged to it (mem_cgroup_charge_skmem() is not exported)
 * would still be given back to it. Such a socket owes what it cannot do
 * without, until it is granted more: one packet for an empty receive queue, a
 * FIN, the second half of a segment that is cut in two.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "../compat.h"
#include "inside.h"

/**
 * rill_memory_tight - is memory short for all sockets?
 * @sk: the socket
 *
 * Context: any.
 * Return: true if buffers had better not grow.
 */
bool rill_memory_tight(const struct sock *sk)
{
	return sk_under_memory_pressure(sk) ||
	       (rill_memory_counted(sk) &&
		sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 1));
}

/**
 * rill_memory_force - take memory in spite of a refusal, into the account
 * @sk: the socket
 * @size: bytes that are about to be charged to it
 *
 * Return: false if a memory cgroup pays for the socket; nothing is taken then.
 */
bool rill_memory_force(struct sock *sk, int size)
{
	int delta = size - sk->sk_forward_alloc;
	int pages;

	sock_owned_by_me(sk);
	if (delta <= 0)
		return true;
	if (mem_cgroup_sockets_enabled && rill_memory_cgroup(sk))
		return false;
	pages = sk_mem_pages(delta);
	sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
	if (rill_memory_counted(sk))
		atomic_long_add(pages, sk->sk_prot->memory_allocated);
	return true;
}

/**
 * rill_memory_take - take memory that there is no way to do without
 * @sk: the socket
 * @size: bytes that are about to be charged to it
 *
 * A FIN, and the second half of a segment that is cut in two. In softirq a
 * memory cgroup of version 2 is charged beyond its limit; where one refuses all
 * the same, the socket owes it what it has.
 */
void rill_memory_take(struct sock *sk, int size)
{
	sock_owned_by_me(sk);
	if (!rill_memory_force(sk, size))
		sk_wmem_schedule(sk, size);
}

/**
 * rill_memory_promised - the core refuses memory: is it promised to this socket?
 * @sk: the socket
 * @size: bytes that it asks for
 * @held: bytes that it would hold with them
 * @least: bytes that it may hold while memory is short, by rmem or wmem
 *
 * Not beyond the last limit of all, which many small sockets could pass as
 * well.
 *
 * Return: true if it is, and then it is in the account.
 */
bool rill_memory_promised(struct sock *sk, int size, u64 held, u32 least)
{
	sock_owned_by_me(sk);
	return held <= least &&
	       sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 2) &&
	       rill_memory_force(sk, size);
}

/**
 * rill_memory_yields - has an orphan to give way to sockets that are used?
 * @sk: the socket
 *
 * Beyond the last limit each that holds more than the least that a buffer can
 * be; while memory is short each that holds more than its share of what there
 * is when it is not. The largest of all is always among those.
 *
 * Context: socket lock held.
 * Return: true if it has.
 */
bool rill_memory_yields(const struct sock *sk)
{
	long allocated = sk_memory_allocated(sk);
	u64 sockets = sk_sockets_allocated_read_positive((struct sock *)sk);

	if (sk->sk_wmem_queued <= SOCK_MIN_SNDBUF)
		return false;
	if (allocated > sk_prot_mem_limits(sk, 2))
		return true;
	/* What the account does not hold has no share of it. */
	return rill_memory_counted(sk) &&
	       allocated > sk_prot_mem_limits(sk, 1) &&
	       sockets * sk_mem_pages(sk->sk_wmem_queued) >
	       sk_prot_mem_limits(sk, 1);
}

/*
 * Have @memcg pay for what is allocated next. In softirq the kernel keeps who
 * pays for the CPU; with PREEMPT_RT softirqs of one CPU interrupt each other,
 * and each would put back what another had left: nobody's cgroup pays there.
 */
static struct mem_cgroup *rill_memory_charge(struct mem_cgroup *memcg)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !in_task())
		return NULL;
	return set_active_memcg(memcg);
}

/* Whoever paid before pays again. */
static void rill_memory_uncharge(struct mem_cgroup *old)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT) || in_task())
		set_active_memcg(old);
}

/**
 * rill_memory_zalloc - make a small object that stands for a connection
 * @cache: of such objects, made with SLAB_ACCOUNT
 * @sk: the socket whose memory cgroup pays: a listener, or the one that ends
 *
 * In softirq there is no current process to be charged.
 *
 * Context: any.
 * Return: the object, zeroed, or NULL.
 */
void *rill_memory_zalloc(struct kmem_cache *cache, const struct sock *sk)
{
	struct mem_cgroup *old = rill_memory_charge(rill_memory_cgroup(sk));
	void *object = kmem_cache_zalloc(cache, GFP_ATOMIC);

	rill_memory_uncharge(old);
	return object;
}

/**
 * rill_memory_alloc - memory for what comes with a connection
 * @size: bytes
 * @sk: the socket whose memory cgroup pays, as above
 *
 * Context: any.
 * Return: the memory, for kfree(), or NULL.
 */
void *rill_memory_alloc(size_t size, const struct sock *sk)
{
	struct mem_cgroup *old = rill_memory_charge(rill_memory_cgroup(sk));
	void *object = kmalloc(size, GFP_ATOMIC | __GFP_ACCOUNT | __GFP_NOWARN);

	rill_memory_uncharge(old);
	return object;
}

/**
 * rill_memory_clone - make a child of a listener, whose memory cgroup pays
 * @listener: the socket
 *
 * For the socket itself, not for what it will hold: which cgroup pays for that
 * is the core's to set. Until accept() it is none; earlier kernels leave it so.
 *
 * Context: softirq, no lock held.
 * Return: the child, locked (bh_lock_sock), or NULL.
 */
struct sock *rill_memory_clone(const struct sock *listener)
{
	struct mem_cgroup *old;
	struct sock *sk;

	old = rill_memory_charge(rill_memory_cgroup(listener));
	sk = sk_clone_lock(listener, GFP_ATOMIC);
	rill_memory_uncharge(old);
	return sk;
}
