// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of a file that a program sends without a copy: others may write to them
 * at any time, so that the packet carries a mark for whoever would encrypt it
 * in place, such as IPsec. And splice(), which receives without a copy.
 */
#include <linux/bvec.h>
#include <linux/fs.h>
#include <linux/pipe_fs_i.h>
#include "../module/socket/inside.h"
#include "../module/transfer/inside.h"
#include "scenario.h"

#define RILL_PEER	"established 10ms <mss 1000,sackok,ts,ws 7,rill 1000 6>\n"
#define MARK		SKBFL_SHARED_FRAG

/* Send @n bytes of @page as sendfile() does; what the call returns. */
static int splice(struct kunit *test, struct page *page, u32 n, int flags)
{
	struct socket *sock = scenario_sk(test)->sk_socket;
#ifdef RILL_HAVE_SENDPAGE
	return sock->ops->sendpage(sock, page, 0, n, flags);
#else
	struct msghdr msg = { .msg_flags = flags | MSG_SPLICE_PAGES };
	struct bio_vec bvec;

	bvec_set_page(&bvec, page, n, 0);
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, n);
	return sock_sendmsg(sock, &msg);
#endif
}

/* A page with the beginning of a stream. */
static struct page *a_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *text;
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	text = page_address(page);
	for (i = 0; i < PAGE_SIZE; i++)
		text[i] = scenario_byte(true, i);
	return page;
}

static u8 mark_of(const struct sk_buff *skb)
{
	return skb ? skb_shinfo(skb)->flags & MARK : 0;
}

/* In the segment that was sent, and in both halves when it is sent again. */
static void pages_are_marked(struct kunit *test)
{
	struct page *page = a_page(test);
	struct sk_buff *head;
	struct sock *sk;

	if (!scenario_run(test, RILL_PEER "lenient\n"))
		goto free;
	sk = scenario_sk(test);
	KUNIT_EXPECT_EQ(test, splice(test, page, 900, MSG_DONTWAIT), 900);
	head = rill_rtx_head(sk);
	KUNIT_EXPECT_EQ(test, mark_of(head), MARK);
	if (!head)
		goto free;
	KUNIT_EXPECT_PTR_EQ(test, skb_frag_page(&skb_shinfo(head)->frags[0]),
			    page);
	scenario_run(test, "ignore\n");
	lock_sock(sk);
	KUNIT_EXPECT_EQ(test, rill_skb_split(sk, head, 400, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, mark_of(head), MARK);
	KUNIT_EXPECT_EQ(test, mark_of(rill_rtx_next(head)), MARK);
	KUNIT_EXPECT_EQ(test, rill_skb_trim(sk, head, 100, GFP_KERNEL), 0);
	release_sock(sk);
	KUNIT_EXPECT_EQ(test, mark_of(head), MARK);
free:
	put_page(page);
}

/* The socket's own pages have no mark, until a lent page joins them. */
static void copies_are_not_marked(struct kunit *test)
{
	struct page *page = a_page(test);
	struct sk_buff *tail;
	struct sock *sk;

	if (!scenario_run(test, RILL_PEER "send 100 more\n"))
		goto free;
	sk = scenario_sk(test);
	tail = skb_peek_tail(&sk->sk_write_queue);
	KUNIT_EXPECT_NOT_NULL(test, tail);
	KUNIT_EXPECT_EQ(test, mark_of(tail), 0);
	KUNIT_EXPECT_EQ(test, splice(test, page, 100, MSG_DONTWAIT | MSG_MORE),
			100);
	KUNIT_EXPECT_PTR_EQ(test, skb_peek_tail(&sk->sk_write_queue), tail);
	KUNIT_EXPECT_EQ(test, mark_of(tail), MARK);
	scenario_run(test, "lenient\n+1s ignore\n");
free:
	put_page(page);
}

/* sendfile() ends early: the data that waited for more goes, with PSH. */
static void end_is_pushed(struct kunit *test)
{
	struct page *page = a_page(test);
	struct socket *sock;

	if (!scenario_run(test, RILL_PEER))
		goto free;
	sock = scenario_sk(test)->sk_socket;
	KUNIT_EXPECT_EQ(test, splice(test, page, 300, MSG_DONTWAIT | MSG_MORE),
			300);
	sock->ops->splice_eof(sock);
	scenario_run(test, "> PA 1:301(300) ack 1\n");
free:
	put_page(page);
}

/* splice() from the socket into @pipe, which waits for 10 ms at most. */
static ssize_t splice_from(struct kunit *test, struct pipe_inode_info *pipe)
{
	struct socket *sock = scenario_sk(test)->sk_socket;
	struct file *file, *before = sock->file;
	loff_t pos = 0;
	ssize_t ret;

	file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, file);
	sock->sk->sk_rcvtimeo = msecs_to_jiffies(10);
	sock->file = file;
	ret = rill_splice_read(sock, &pos, pipe, PAGE_SIZE, 0);
	sock->file = before;
	return ret;
}

/*
 * Data is there, but the pipe takes none of it, as without memory for a copy:
 * more data would change nothing.
 */
static void splice_without_memory(struct kunit *test)
{
	struct pipe_inode_info *pipe;
	struct sk_buff *skb;

	pipe = kunit_kzalloc(test, sizeof(*pipe), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pipe);
	if (!scenario_run(test,
			  "heavy\n"
			  "established 10ms\n"
			  "lenient\n"))
		return;
	KUNIT_EXPECT_EQ(test, splice_from(test, pipe), -EAGAIN);
	if (!scenario_run(test, "< PA 1:1001(1000) ack 1\n"))
		return;
	skb = skb_peek(&scenario_sk(test)->sk_receive_queue);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_ASSERT_EQ(test, skb_headlen(skb), 0);
	KUNIT_ASSERT_EQ(test, skb_shinfo(skb)->nr_frags, 1);

	/* The page is hidden: splice() finds none, and moves none. */
	skb_shinfo(skb)->nr_frags = 0;
	KUNIT_EXPECT_EQ(test, splice_from(test, pipe), -ENOMEM);
	skb_shinfo(skb)->nr_frags = 1;
	scenario_run(test, "recv 2000 = 1000\n");
}

static struct kunit_case splice_cases[] = {
	KUNIT_CASE_PARAM(pages_are_marked, scenario_families),
	KUNIT_CASE_PARAM(copies_are_not_marked, scenario_families),
	KUNIT_CASE_PARAM(end_is_pushed, scenario_families),
	KUNIT_CASE_PARAM(splice_without_memory, scenario_families),
	{}
};

static struct kunit_suite splice_suite = {
	.name = "rill_splice",
	.init = scenario_init,
	.exit = scenario_exit,
	.test_cases = splice_cases,
};

kunit_test_suite(splice_suite);
