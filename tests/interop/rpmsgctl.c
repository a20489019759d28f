/*
 * What the checks do with the char devices of rpmsg; runs inside the kernel under test.
 *
 *   rpmsgctl ept|dev|undev CONTROL NAME SOURCE DESTINATION    RPMSG_CREATE_EPT_IOCTL, CREATE_DEV, RELEASE_DEV
 *   rpmsgctl close DEVICE                                     RPMSG_DESTROY_EPT_IOCTL
 *   rpmsgctl odd CONTROL                                      an ioctl that does not exist
 *   rpmsgctl busy DEVICE                                      opens it twice
 *   rpmsgctl write DEVICE BYTES                               one message
 *   rpmsgctl echo DEVICE COUNT BYTES                          messages of 1 to BYTES bytes, each verified; prints the median time, by tens
 *   rpmsgctl order DEVICE TEXT [SECONDS]                      one message; prints the answer
 *   rpmsgctl flood DEVICE TEXT COUNT BYTES                    one message, then COUNT to be received, each of BYTES bytes, byte i mod 256
 *   rpmsgctl fill DEVICE                                      sends until it fails; prints how many, the error and how long the last took
 *   rpmsgctl tty DEVICE TEXT                                  a line through a tty, raw
 *
 * Prints one line. Exit status 0 when all went well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <linux/rpmsg.h>

static char buffer[4096], expected[4096];

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int fail(const char *what)
{
	printf("%s: errno %d\n", what, errno);
	return 1;
}

static int receive(int fd, int timeout_ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, timeout_ms) != 1) {
		errno = ETIMEDOUT;
		return -1;
	}
	return read(fd, buffer, sizeof(buffer) - 1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Asking for the time is a system call here, as expensive as a message: so it is asked for once a batch. */
#define BATCH 10

static int echo(int fd, int count, int bytes)
{
	double *times = calloc(count / BATCH + 1, sizeof(*times)), begin = now_us();
	int i, j, n, batches = 0;

	alarm(60);
	for (i = 0; i < count; i++) {
		int length = 1 + i % bytes;

		for (j = 0; j < length; j++)
			expected[j] = i + j;
		if (write(fd, expected, length) != length)
			return fail("write");
		n = read(fd, buffer, sizeof(buffer));
		if (n < 0)
			return fail("read");
		if (n != length || memcmp(buffer, expected, n)) {
			printf("message %d: %d bytes of %d came back, or others\n", i, n, length);
			return 1;
		}
		if (i % BATCH == BATCH - 1) {
			double end = now_us();

			times[batches++] = (end - begin) / BATCH;
			begin = end;
		}
	}
	qsort(times, batches, sizeof(*times), compare);
	printf("%d round trips, median %.1f us\n", count, times[batches / 2]);
	return 0;
}

static int flood(int fd, const char *text, int count, int bytes)
{
	int i, j, n;

	if (write(fd, text, strlen(text)) < 0)
		return fail("write");
	for (i = 0; i < count; i++) {
		n = receive(fd, 5000);
		if (n < 0)
			return fail("read");
		for (j = 0; j < n && buffer[j] == (char)i; j++)
			;
		if (n != bytes || j != n) {
			printf("message %d: %d bytes, wrong from %d on\n", i, n, j);
			return 1;
		}
	}
	if (receive(fd, 5000) != 2)
		return fail("the answer");
	printf("%d messages in order\n", count);
	return 0;
}

static int fill(int fd)
{
	int sent;

	for (sent = 0;; sent++) {
		double begin = now_us();

		if (write(fd, "fill", 4) < 0) {
			printf("%d sent, then errno %d after %.0f s\n", sent, errno, (now_us() - begin) / 1e6);
			return 0;
		}
	}
}

static int tty(int fd, const char *text)
{
	struct termios t;
	int n, got = 0, length = strlen(text);

	tcgetattr(fd, &t);
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
	if (write(fd, text, length) != length)
		return fail("write");
	while (got < length) {
		n = receive(fd, 2000);
		if (n <= 0)
			return fail("read");
		if (got + n > length || memcmp(buffer, text + got, n)) {
			printf("another text came back\n");
			return 1;
		}
		got += n;
	}
	printf("%d bytes\n", got);
	return 0;
}

int main(int argc, char **argv)
{
	struct rpmsg_endpoint_info info = { 0 };
	const char *verb = argc > 2 ? argv[1] : "";
	int n, result = 0, fd;

	if (argc < 3)
		return 2;
	fd = open(argv[2], O_RDWR);
	if (fd < 0)
		return fail(argv[2]);
	if (argc > 5) {
		strncpy(info.name, argv[3], sizeof(info.name) - 1);
		info.src = strtoul(argv[4], 0, 0);
		info.dst = strtoul(argv[5], 0, 0);
	}
	if (!strcmp(verb, "echo") && argc > 4)
		return echo(fd, atoi(argv[3]), atoi(argv[4]));
	if (!strcmp(verb, "flood") && argc > 5)
		return flood(fd, argv[3], atoi(argv[4]), atoi(argv[5]));
	if (!strcmp(verb, "fill"))
		return fill(fd);
	if (!strcmp(verb, "tty") && argc > 3)
		return tty(fd, argv[3]);
	if (!strcmp(verb, "order") && argc > 3) {
		if (write(fd, argv[3], strlen(argv[3])) < 0)
			return fail("write");
		n = receive(fd, argc > 4 ? 1000 * atoi(argv[4]) : 5000);
		if (n < 0)
			return fail("read");
		buffer[n] = 0;
		puts(buffer);
		return strcmp(buffer, "ok") != 0;
	}
	if (!strcmp(verb, "write") && argc > 3)
		result = write(fd, buffer, atoi(argv[3]));
	else if (!strcmp(verb, "busy"))
		result = open(argv[2], O_RDWR);
	else if (!strcmp(verb, "ept"))
		result = ioctl(fd, RPMSG_CREATE_EPT_IOCTL, &info);
	else if (!strcmp(verb, "dev"))
		result = ioctl(fd, RPMSG_CREATE_DEV_IOCTL, &info);
	else if (!strcmp(verb, "undev"))
		result = ioctl(fd, RPMSG_RELEASE_DEV_IOCTL, &info);
	else if (!strcmp(verb, "close"))
		result = ioctl(fd, RPMSG_DESTROY_EPT_IOCTL);
	else if (!strcmp(verb, "odd"))
		result = ioctl(fd, _IO(0xb5, 0x7f), &info);
	else
		return 2;
	if (result < 0)
		return fail(verb);
	printf("ok\n");
	return 0;
}
