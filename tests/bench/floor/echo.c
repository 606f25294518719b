/* The smallest possible plugin: one socket, one thread, no library. It answers each event with {"echo": <the event>}, like
 * examples/echo. No plugin can be faster. It is not part of angod.
 *
 *     echo HOST PORT      with PLUGIN_ID and PLUGIN_SECRET in the environment
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };
enum { CAPACITY = 4 << 20 };

static int connection;
static unsigned char in[CAPACITY], out[CAPACITY];
static size_t in_size, out_size;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void flush(void) {
    for (size_t done = 0; done < out_size;) {
        ssize_t sent = send(connection, out + done, out_size - done, MSG_NOSIGNAL);
        if (sent < 0) die("send");
        done += (size_t)sent;
    }
    out_size = 0;
}

/* Appends a frame of three parts to the output. The frame is masked, as the protocol demands of clients. */
static void add_frame(int opcode, const char *parts[3], const size_t sizes[3]) {
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t size = sizes[0] + sizes[1] + sizes[2], at = 0;
    if (out_size + size + 16 > CAPACITY) flush();
    out[out_size++] = (unsigned char)(0x80 | opcode);
    if (size < 126) {
        out[out_size++] = (unsigned char)(0x80 | size);
    } else if (size < 65536) {
        out[out_size++] = 0x80 | 126;
        out[out_size++] = (unsigned char)(size >> 8);
        out[out_size++] = (unsigned char)size;
    } else {
        out[out_size++] = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) out[out_size++] = (unsigned char)((uint64_t)size >> shift);
    }
    memcpy(out + out_size, mask, sizeof mask);
    out_size += sizeof mask;
    for (int part = 0; part < 3; part++)
        for (size_t i = 0; i < sizes[part]; i++) out[out_size++] = (unsigned char)parts[part][i] ^ mask[at++ % 4];
}

static void add_text(const char *text) {
    add_frame(TEXT, (const char *[]){text, "", ""}, (size_t[]){strlen(text), 0, 0});
}

static void heartbeat(void) {
    char text[512];
    snprintf(text, sizeof text, "42/plugin,[\"heartbeat\",{\"id\":\"%s\",\"secret\":\"%s\"}]", getenv("PLUGIN_ID"),
             getenv("PLUGIN_SECRET"));
    add_text(text);
}

/* text is 42/plugin,["plugin",EVENT], and EVENT begins {"session":"...": the local Hub writes it first. */
static void answer(const char *text, size_t size) {
    static const char head[] = "42/plugin,[\"plugin\",", session_key[] = "\"session\":\"";
    const char *event = text + sizeof head - 1, *session, *end;
    char tail[256];
    size_t event_size = size - (sizeof head - 1) - 1;
    session = memmem(event, event_size, session_key, sizeof session_key - 1);
    if (memcmp(text, head, sizeof head - 1) != 0 || session == NULL) return;
    session += sizeof session_key - 1;
    end = memchr(session, '"', (size_t)(event + event_size - session));
    int tail_size = snprintf(tail, sizeof tail, "},\"session\":\"%.*s\"}]", (int)(end - session), session);
    static const char start[] = "42/plugin,[\"response\",{\"response\":{\"echo\":";
    add_frame(TEXT, (const char *[]){start, event, tail}, (size_t[]){sizeof start - 1, event_size, (size_t)tail_size});
}

static int starts(const char *text, size_t size, const char *with) {
    return size >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static void on_frame(int opcode, const char *text, size_t size) {
    if (opcode == CLOSE) exit(0);
    if (opcode == PING)
        add_frame(PONG, (const char *[]){text, "", ""}, (size_t[]){size, 0, 0});
    else if (starts(text, size, "42"))
        answer(text, size);
    else if (starts(text, size, "2"))
        add_text("3");
    else if (starts(text, size, "0"))
        add_text("40/plugin,");
    else if (starts(text, size, "40"))
        heartbeat();
}

/* Takes one whole frame off the front of the input; 0 if there is none yet. */
static size_t take_frame(const unsigned char *at, size_t have) {
    size_t header = 2;
    uint64_t size;
    if (have < header) return 0;
    size = at[1] & 0x7f;
    if (size >= 126) {
        size_t bytes = size == 126 ? 2 : 8;
        header += bytes;
        if (have < header) return 0;
        size = 0;
        for (size_t i = 0; i < bytes; i++) size = size << 8 | at[2 + i];
    }
    if (have < header + size) return 0;
    on_frame(at[0] & 0x0f, (const char *)at + header, (size_t)size);
    return header + (size_t)size;
}

static void receive(void) {
    ssize_t got = recv(connection, in + in_size, CAPACITY - in_size, 0);
    if (got < 0) die("recv");
    if (got == 0) exit(0);
    in_size += (size_t)got;
}

static void open_connection(const char *host, const char *port) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found;
    int yes = 1;
    if (getaddrinfo(host, port, &wanted, &found) != 0) die("getaddrinfo");
    connection = socket(found->ai_family, found->ai_socktype, 0);
    if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen) < 0) die("connect");
    freeaddrinfo(found);
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void upgrade(const char *host, const char *port) {
    const unsigned char *end;
    out_size = (size_t)snprintf((char *)out, CAPACITY,
                                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: %s:%s\r\n"
                                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: Zmxvb3IgZWNobyBjbGllbg==\r\n\r\n",
                                host, port);
    flush();
    while ((end = memmem(in, in_size, "\r\n\r\n", 4)) == NULL) receive();
    if (memmem(in, (size_t)(end - in), " 101 ", 5) == NULL) {
        fprintf(stderr, "no upgrade: %.*s\n", (int)(end - in), in);
        exit(1);
    }
    in_size -= (size_t)(end + 4 - in);
    memmove(in, end + 4, in_size);
}

int main(int argc, char **argv) {
    if (argc != 3 || !getenv("PLUGIN_ID") || !getenv("PLUGIN_SECRET")) return 2;
    open_connection(argv[1], argv[2]);
    upgrade(argv[1], argv[2]);
    for (;;) {
        size_t done = 0, taken;
        while ((taken = take_frame(in + done, in_size - done)) != 0) done += taken;
        in_size -= done;
        memmove(in, in + done, in_size);
        flush();
        receive();
    }
}
