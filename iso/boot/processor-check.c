/*
 * The first program that a kernel starts from the initrd of an image that needs a newer processor
 * than any 64-bit one. Where the processor will do, it starts the initrd's own init. Where not, it
 * says so on every console, for the programs of the image would only die of illegal instructions.
 *
 * It uses no library and no instruction beyond the first x86-64, so that it runs everywhere.
 * NEEDED_LEVEL (2 or 3) and MESSAGE (lines of text) come from the build.
 */

typedef unsigned int u32;
typedef long word;

enum { SYS_WRITE = 1, SYS_OPEN = 2, SYS_PAUSE = 34, SYS_EXECVE = 59, SYS_EXIT = 60,
       SYS_MKDIR = 83, SYS_MOUNT = 165 };
enum { WRITE_ONLY = 1 };

static word call(word number, word a, word b, word c, word d, word e)
{
    word result;
    register word r10 __asm__("r10") = d;
    register word r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

static void cpuid(u32 leaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
    __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

static int has(u32 bits, u32 wanted)
{
    return (bits & wanted) == wanted;
}

/* The levels are those of the x86-64 psABI; bits as in the processors' manuals. */
static int processor_will_do(void)
{
    u32 a, b, c, d, most, most_extended, extended_c = 0, seven_b = 0;

    cpuid(0, &most, &b, &c, &d);
    cpuid(0x80000000u, &most_extended, &b, &c, &d);
    if (most_extended >= 0x80000001u)
        cpuid(0x80000001u, &a, &b, &extended_c, &d);
    if (most >= 7)
        cpuid(7, &a, &seven_b, &c, &d);
    cpuid(1, &a, &b, &c, &d);

    /* SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF in long mode */
    if (!has(c, 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23)
        || !has(extended_c, 1u << 0))
        return 0;
    if (NEEDED_LEVEL < 3)
        return 1;
    /* FMA, MOVBE, XSAVE, OSXSAVE, AVX, F16C; LZCNT; BMI1, AVX2, BMI2 */
    if (!has(c, 1u << 12 | 1u << 22 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29)
        || !has(extended_c, 1u << 5) || !has(seven_b, 1u << 3 | 1u << 5 | 1u << 8))
        return 0;
    /* The kernel must keep the wide registers, too. */
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return has(a, 1u << 1 | 1u << 2);
}

static void say(const char *const *lines, word count)
{
    word log, n, length;

    call(SYS_MKDIR, (word) "/dev", 0755, 0, 0, 0);
    call(SYS_MOUNT, (word) "devtmpfs", (word) "/dev", (word) "devtmpfs", 0, 0);
    /* What goes to the kernel's log as urgent is shown on all consoles. */
    log = call(SYS_OPEN, (word) "/dev/kmsg", WRITE_ONLY, 0, 0, 0);
    for (n = 0; n < count; n++) {
        for (length = 0; lines[n][length]; length++)
            ;
        call(SYS_WRITE, log >= 0 ? log : 1, (word) lines[n], length, 0, 0);
    }
}

/* Kept apart from _start, which has no frame of its own: the stack is as the kernel left it. */
__attribute__((noreturn, used)) static void begin(word *stack)
{
    static const char *const message[] = { MESSAGE };
    word count = stack[0];
    char **arguments = (char **) (stack + 1);
    char **environment = arguments + count + 1;

    if (processor_will_do()) {
        arguments[0] = "/init";
        call(SYS_EXECVE, (word) INIT, (word) arguments, (word) environment, 0, 0);
        /* No init to start: the kernel tells of that, with the status as the reason. */
        call(SYS_EXIT, 127, 0, 0, 0, 0);
    }
    say(message, sizeof(message) / sizeof(message[0]));
    for (;;)
        call(SYS_PAUSE, 0, 0, 0, 0, 0);
}

__attribute__((naked, noreturn, used)) void _start(void)
{
    __asm__("mov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin");
}
