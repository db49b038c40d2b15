// What the machine allows whoever keeps tokens in SQLite: transactions that reach the disk, and reads of one row.
//
//     floors fsync DIRECTORY SECONDS     appends 4 KiB and waits for the disk, one after the other
//     floors sqlite DATABASE SECONDS     reads the sealed token of one row, a transaction each, on one thread
//
// Prints how many there were in a second.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int fail(const char *what)
{
    perror(what);
    return 1;
}

static int measure_fsync(const char *directory, double seconds)
{
    char path[4096], block[4096];
    memset(block, 'x', sizeof block);
    snprintf(path, sizeof path, "%s/floor", directory);
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return fail(path);
    // As in a write-ahead log that has its size already: only data has to reach the disk.
    for (int i = 0; i < 1024; i++)
        if (write(file, block, sizeof block) != sizeof block) return fail("write");
    if (fsync(file) != 0) return fail("fsync");
    long count = 0;
    double begin = now(), end = begin + seconds;
    while (now() < end) {
        if (pwrite(file, block, sizeof block, (count % 1024) * (long)sizeof block) != sizeof block) return fail("pwrite");
        if (fdatasync(file) != 0) return fail("fdatasync");
        count++;
    }
    printf("%.1f\n", (double)count / (now() - begin));
    unlink(path);
    return 0;
}

static int measure_sqlite(const char *path, double seconds)
{
    sqlite3 *database;
    sqlite3_stmt *statement, *begin_statement, *commit, *size;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database, "SELECT sealed FROM token WHERE service = 'dropbox' AND name = ?", -1, &statement, NULL) ||
        sqlite3_prepare_v2(database, "SELECT count(*) FROM token", -1, &size, NULL) ||
        sqlite3_prepare_v2(database, "BEGIN", -1, &begin_statement, NULL) ||
        sqlite3_prepare_v2(database, "COMMIT", -1, &commit, NULL)) {
        fprintf(stderr, "%s: %s\n", path, sqlite3_errmsg(database));
        return 1;
    }
    if (sqlite3_step(size) != SQLITE_ROW) return 1;
    long rows = sqlite3_column_int(size, 0), count = 0;
    sqlite3_reset(size);
    double begin = now(), end = begin + seconds;
    while (now() < end) {
        char name[32];
        int length = snprintf(name, sizeof name, "token-%ld", random() % rows);
        sqlite3_step(begin_statement);
        sqlite3_reset(begin_statement);
        sqlite3_bind_text(statement, 1, name, length, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_ROW) {
            fprintf(stderr, "%s: there is no %s\n", path, name);
            return 1;
        }
        sqlite3_reset(statement);
        sqlite3_step(commit);
        sqlite3_reset(commit);
        count++;
    }
    printf("%.1f\n", (double)count / (now() - begin));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "fsync") == 0) return measure_fsync(argv[2], atof(argv[3]));
    if (argc == 4 && strcmp(argv[1], "sqlite") == 0) return measure_sqlite(argv[2], atof(argv[3]));
    fprintf(stderr, "usage: floors fsync DIRECTORY SECONDS | sqlite DATABASE SECONDS\n");
    return 64;
}
