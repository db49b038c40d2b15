// What this target defines takes the place of libcurl's functions where Foundation is linked into the program. A Foundation
// that is a shared library finds libcurl's own first, or not, as the linker pleases (gold does not match a name without a
// version with one that has it, and Debian's libcurl has versions). So its table of addresses is changed, and nobody else's.
#define _GNU_SOURCE
#include "Curl.h"
#include "FoundationNetworkingWorkarounds.h"

#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { FUNCTION = R_X86_64_JUMP_SLOT, POINTER = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { FUNCTION = R_AARCH64_JUMP_SLOT, POINTER = R_AARCH64_GLOB_DAT };
#endif

__attribute__((weak)) CURL *CFURLSessionEasyHandleInit(void);

int curl_easy_setopt(CURL *, int, ...);
void curl_easy_cleanup(CURL *);
int curl_multi_setopt(CURLM *, int, ...);
int curl_multi_add_handle(CURLM *, CURL *);
CURLMsg *curl_multi_info_read(CURLM *, int *);
int curl_multi_cleanup(CURLM *);
CURLU *curl_url(void);
int curl_url_get(const CURLU *, int, char **, unsigned);
void curl_url_cleanup(CURLU *);
void curl_free(void *);

static bool is_active;

#if defined(__x86_64__) || defined(__aarch64__)

static void *replacement(const char *name) {
    static const struct {
        const char *name;
        void *function;
    } all[] = {
        {"curl_easy_setopt", curl_easy_setopt},
        {"curl_easy_cleanup", curl_easy_cleanup},
        {"curl_multi_setopt", curl_multi_setopt},
        {"curl_multi_add_handle", curl_multi_add_handle},
        {"curl_multi_info_read", curl_multi_info_read},
        {"curl_multi_cleanup", curl_multi_cleanup},
        {"curl_url", curl_url},
        {"curl_url_get", curl_url_get},
        {"curl_url_cleanup", curl_url_cleanup},
        {"curl_free", curl_free},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(name, all[i].name) == 0) return all[i].function;
    }
    return NULL;
}

/// Writes into a table that the dynamic linker may have made read-only.
static bool write_address(void **slot, void *function, uintptr_t read_only_start, uintptr_t read_only_end) {
    uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *page = (void *)((uintptr_t)slot & ~(size - 1));
    bool is_read_only = read_only_start <= (uintptr_t)slot && (uintptr_t)slot < read_only_end;
    if (is_read_only && mprotect(page, size, PROT_READ | PROT_WRITE) != 0) return false;
    __atomic_store_n(slot, function, __ATOMIC_RELEASE);
    if (is_read_only) mprotect(page, size, PROT_READ);
    return true;
}

static int replace(struct dl_phdr_info *file, size_t file_size, void *user) {
    (void)file_size;
    (void)user;
    const ElfW(Dyn) *dynamic = NULL;
    uintptr_t read_only_start = 0, read_only_end = 0;
    bool is_foundation = false, is_own = false;
    for (int i = 0; i < file->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &file->dlpi_phdr[i];
        uintptr_t start = file->dlpi_addr + header->p_vaddr, end = start + header->p_memsz;
        if (header->p_type == PT_LOAD) {
            uintptr_t known = (uintptr_t)CFURLSessionEasyHandleInit, here = (uintptr_t)replace;
            is_foundation = is_foundation || (start <= known && known < end);
            is_own = is_own || (start <= here && here < end);
        } else if (header->p_type == PT_DYNAMIC) {
            dynamic = (const ElfW(Dyn) *)start;
        } else if (header->p_type == PT_GNU_RELRO) {
            read_only_start = start;
            read_only_end = end;
        }
    }
    if (!is_foundation) return 0;
    is_active = is_own;
    if (is_own || !dynamic) return 1;

    uintptr_t symbols = 0, names = 0, tables[2] = {0, 0}, sizes[2] = {0, 0};
    for (; dynamic->d_tag != DT_NULL; dynamic++) {
        uintptr_t value = dynamic->d_un.d_ptr;
        // glibc has made addresses of them, musl has not.
        uintptr_t address = value < file->dlpi_addr ? value + file->dlpi_addr : value;
        switch (dynamic->d_tag) {
        case DT_SYMTAB: symbols = address; break;
        case DT_STRTAB: names = address; break;
        case DT_JMPREL: tables[0] = address; break;
        case DT_PLTRELSZ: sizes[0] = value; break;
        case DT_RELA: tables[1] = address; break;
        case DT_RELASZ: sizes[1] = value; break;
        }
    }
    if (!symbols || !names) return 1;
    for (int table = 0; table < 2; table++) {
        const ElfW(Rela) *entry = (const ElfW(Rela) *)tables[table];
        for (size_t i = 0; entry && i < sizes[table] / sizeof *entry; i++) {
            uint32_t type = ELF64_R_TYPE(entry[i].r_info);
            if (type != FUNCTION && type != POINTER) continue;
            const ElfW(Sym) *symbol = (const ElfW(Sym) *)symbols + ELF64_R_SYM(entry[i].r_info);
            void *function = replacement((const char *)names + symbol->st_name);
            void **slot = (void **)(file->dlpi_addr + entry[i].r_offset);
            if (function && write_address(slot, function, read_only_start, read_only_end)) is_active = true;
        }
    }
    return 1;
}

// Before main, and so before Foundation calls anything.
__attribute__((constructor)) static void prepare(void) {
    dl_iterate_phdr(replace, NULL);
}

#endif

bool foundation_networking_workarounds_are_active(void) {
    return is_active;
}
