// The request for a tunnel. The answers of proxies are tested with real sockets in net_stream_test.cpp.
#include "socketio/proxy_tunnel.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::socketio;

TEST_CASE("a tunnel is asked for by host and port, with credentials if the proxy's URL has some") {
    const Proxy open = *parse_proxy("http://p:1"), closed = *parse_proxy("http://Aladdin:open%20sesame@p:1");
    CHECK(connect_request(*parse_url("wss://hub.test/x?y"), open, "angod/1") ==
          "CONNECT hub.test:443 HTTP/1.1\r\nHost: hub.test:443\r\nUser-Agent: angod/1\r\n\r\n");
    CHECK(connect_request(*parse_url("ws://[::1]:81"), closed, "a") ==
          "CONNECT [::1]:81 HTTP/1.1\r\nHost: [::1]:81\r\nUser-Agent: a\r\n"
          "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}
