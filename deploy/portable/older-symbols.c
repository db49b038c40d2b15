// Functions that glibc 2.35 and the C++ library of GCC 12 gave a new version, which does nothing that matters here. Programs that
// were linked with it do not start where they are older. These are called in their place (ld --wrap), and call the version that
// all have.
#if defined(__x86_64__)
#define OLDEST_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLDEST_GLIBC "GLIBC_2.17"
#else
#error "Look up the version of hypot that the first glibc for this processor had: nm -D libm.so.6 | grep hypot"
#endif

// Differs in errno.
double older_hypot(double x, double y);
__asm__(".symver older_hypot, hypot@" OLDEST_GLIBC);
double __wrap_hypot(double x, double y) { return older_hypot(x, y); }

float older_hypotf(float x, float y);
__asm__(".symver older_hypotf, hypotf@" OLDEST_GLIBC);
float __wrap_hypotf(float x, float y) { return older_hypotf(x, y); }

// std::condition_variable::wait(std::unique_lock<std::mutex> &) may end the program where the older one would throw.
void older_wait(void *condition, void *lock);
__asm__(".symver older_wait, _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE@GLIBCXX_3.4.11");
void __wrap__ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(void *condition, void *lock) {
    older_wait(condition, lock);
}
