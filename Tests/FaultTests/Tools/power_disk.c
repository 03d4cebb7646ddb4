// A disk that remembers what reached it and in which order: a file system (FUSE) with one file, `disk`, on which a loop
// device is put. Every write is appended to a log, and every flush, which is what a journalling file system sends when
// something must last. So the disk of any moment can be made anew, with or without what was not flushed yet.
//
//   power_disk MOUNTPOINT FILE LOG
//
// FILE holds the disk's present content and has its size. LOG takes records of three native 64-bit numbers, kind, offset
// and length; kind 1 is a write, whose bytes follow, kind 2 a flush. Writes `ready` to standard output when it is mounted,
// and ends when it is unmounted.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { root = FUSE_ROOT_ID, file_node = 2, largest_write = 131072 };

static int device, content, record;
static uint64_t size;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void answer(const struct fuse_in_header *in, int error, const void *bytes, size_t length) {
    struct fuse_out_header out = {
        .len = (uint32_t)(sizeof out + length), .error = error, .unique = in->unique};
    struct iovec parts[2] = {{&out, sizeof out}, {(void *)bytes, length}};
    // ENOENT: the request was taken back meanwhile.
    if (writev(device, parts, 2) < 0 && errno != ENOENT) die("answer");
}

static void attributes(uint64_t node, struct fuse_attr *attr) {
    memset(attr, 0, sizeof *attr);
    attr->ino = node;
    attr->mode = node == root ? S_IFDIR | 0700 : S_IFREG | 0600;
    attr->nlink = 1;
    attr->size = node == root ? 0 : size;
    attr->blocks = attr->size / 512;
    attr->blksize = 4096;
}

static void note(uint64_t kind, uint64_t offset, uint64_t length, const void *bytes) {
    uint64_t head[3] = {kind, offset, length};
    struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, bytes ? length : 0}};
    ssize_t wanted = (ssize_t)(sizeof head + parts[1].iov_len);
    if (writev(record, parts, 2) != wanted) die("log");
}

int main(int count, char **words) {
    if (count != 4) return 64;
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0) die("/dev/fuse");
    content = open(words[2], O_RDWR | O_CLOEXEC);
    record = open(words[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    struct stat status;
    if (content < 0 || record < 0 || fstat(content, &status)) die(words[2]);
    size = (uint64_t)status.st_size;
    char options[128];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%d,group_id=%d", device, getuid(), getgid());
    if (mount("power_disk", words[1], "fuse", MS_NOSUID | MS_NODEV, options)) die("mount");
    puts("ready");
    fflush(stdout);

    static char buffer[largest_write + 65536];
    static char bytes[largest_write];
    for (;;) {
        ssize_t length = read(device, buffer, sizeof buffer);
        if (length < 0 && (errno == EINTR || errno == ENOENT)) continue;
        // ENODEV: unmounted.
        if (length < 0) return errno == ENODEV ? 0 : 1;
        const struct fuse_in_header *in = (const void *)buffer;
        const void *body = buffer + sizeof *in;
        switch (in->opcode) {
            case FUSE_INIT: {
                struct fuse_init_out out = {
                    .major = FUSE_KERNEL_VERSION,
                    .minor = FUSE_KERNEL_MINOR_VERSION,
                    .max_readahead = largest_write,
                    .max_write = largest_write,
                    .flags = FUSE_BIG_WRITES | FUSE_MAX_PAGES,
                    .max_pages = largest_write / 4096,
                };
                answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_LOOKUP: {
                struct fuse_entry_out out = {.nodeid = file_node, .entry_valid = 3600, .attr_valid = 3600};
                attributes(file_node, &out.attr);
                if (strcmp(body, "disk")) answer(in, -ENOENT, 0, 0);
                else answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_GETATTR:
            case FUSE_SETATTR: {
                struct fuse_attr_out out = {.attr_valid = 3600};
                attributes(in->nodeid, &out.attr);
                answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_OPEN:
            case FUSE_OPENDIR: {
                struct fuse_open_out out = {.fh = 1};
                answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_READ: {
                const struct fuse_read_in *wanted = body;
                uint32_t most = wanted->size < largest_write ? wanted->size : largest_write;
                ssize_t got = pread(content, bytes, most, (off_t)wanted->offset);
                if (got < 0) answer(in, -errno, 0, 0);
                else answer(in, 0, bytes, (size_t)got);
                break;
            }
            case FUSE_WRITE: {
                const struct fuse_write_in *given = body;
                const char *data = (const char *)body + sizeof *given;
                note(1, given->offset, given->size, data);
                if (pwrite(content, data, given->size, (off_t)given->offset) != (ssize_t)given->size) die("disk");
                struct fuse_write_out out = {.size = given->size};
                answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_FSYNC:
                note(2, 0, 0, 0);
                answer(in, 0, 0, 0);
                break;
            case FUSE_FLUSH:
            case FUSE_RELEASE:
            case FUSE_RELEASEDIR:
            case FUSE_READDIR: answer(in, 0, 0, 0); break;
            case FUSE_STATFS: {
                struct fuse_statfs_out out = {.st = {.bsize = 4096, .frsize = 4096, .namelen = 255}};
                answer(in, 0, &out, sizeof out);
                break;
            }
            case FUSE_FORGET:
            case FUSE_BATCH_FORGET:
            case FUSE_INTERRUPT: break;
            case FUSE_DESTROY: answer(in, 0, 0, 0); return 0;
            default: answer(in, -ENOSYS, 0, 0);
        }
    }
}
