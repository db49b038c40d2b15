#define _GNU_SOURCE
#include "Curl.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>

// A function of Foundation's networking, by which the file that holds it is known.
__attribute__((weak)) CURL *CFURLSessionEasyHandleInit(void);

typedef struct {
    uintptr_t start, end;
} Range;

// Those of this code, of Foundation, and of the libcurl that both use.
static Range own, foundation, libcurl;
static Curl next;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool contains(Range range, const void *address) {
    return range.start <= (uintptr_t)address && (uintptr_t)address < range.end;
}

static int find_ranges(struct dl_phdr_info *file, size_t size, void *user) {
    (void)size;
    (void)user;
    Range range = {UINTPTR_MAX, 0};
    for (int i = 0; i < file->dlpi_phnum; i++) {
        if (file->dlpi_phdr[i].p_type != PT_LOAD) continue;
        uintptr_t start = file->dlpi_addr + file->dlpi_phdr[i].p_vaddr;
        uintptr_t end = start + file->dlpi_phdr[i].p_memsz;
        if (start < range.start) range.start = start;
        if (end > range.end) range.end = end;
    }
    if (contains(range, (const void *)curl_of)) own = range;
    if (contains(range, (const void *)CFURLSessionEasyHandleInit)) foundation = range;
    if (contains(range, (const void *)next.easy_setopt)) libcurl = range;
    return 0;
}

static Curl functions(void *handle) {
    return (Curl){
        .easy_setopt = dlsym(handle, "curl_easy_setopt"),
        .easy_cleanup = dlsym(handle, "curl_easy_cleanup"),
        .multi_setopt = dlsym(handle, "curl_multi_setopt"),
        .multi_add_handle = dlsym(handle, "curl_multi_add_handle"),
        .multi_info_read = dlsym(handle, "curl_multi_info_read"),
        .multi_cleanup = dlsym(handle, "curl_multi_cleanup"),
        .url = dlsym(handle, "curl_url"),
        .url_get = dlsym(handle, "curl_url_get"),
        .url_cleanup = dlsym(handle, "curl_url_cleanup"),
        .free = dlsym(handle, "curl_free"),
    };
}

static void prepare(void) {
    next = functions(RTLD_NEXT);
    dl_iterate_phdr(find_ranges, NULL);
}

Curl curl_of(const void *caller, bool *is_foundation) {
    pthread_once(&once, prepare);
    *is_foundation = contains(own, caller) || contains(foundation, caller);
    // libcurl calls functions of its own in this way too, a dozen times a transfer.
    if (*is_foundation || contains(libcurl, caller)) return next;

    // Another library, such as a module of the name service that asks a web server, may be built for a libcurl of its own
    // (Debian has three), whose handles are of no use to this one.
    Dl_info file;
    void *handle = dladdr(caller, &file) ? dlopen(file.dli_fname, RTLD_LAZY | RTLD_NOLOAD) : NULL;
    if (!handle) return next;
    Curl meant = functions(handle);
    dlclose(handle);
    return meant.easy_setopt ? meant : next;
}
