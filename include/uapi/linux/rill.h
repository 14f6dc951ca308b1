/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * rill: a reliable byte-stream transport on an IP protocol number of its own.
 *
 * What a program needs to open a socket:
 *
 *	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_RILL);
 *
 * Addresses are struct sockaddr_in and sockaddr_in6, socket calls and their
 * errors are those of TCP, and socket options of level SOL_TCP keep their
 * TCP_* names.
 */
#ifndef _UAPI_LINUX_RILL_H
#define _UAPI_LINUX_RILL_H

/* RFC 3692: the first of the two experimental protocol numbers. */
#define IPPROTO_RILL		253

/* Level of the options that TCP has no name for; times in microseconds. */
#define SOL_RILL		253

/* RFC 6994: the experiment identifier behind option kind 253. */
#define RILL_OPT_KIND		253
#define RILL_OPT_EXID		0x7269	/* "ri" */
#define RILL_OPT_LEN		8

#endif /* _UAPI_LINUX_RILL_H */
