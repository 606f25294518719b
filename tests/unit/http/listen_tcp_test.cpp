#include "http/server.hpp"
#include "printing.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <doctest/doctest.h>

using namespace angod;
using namespace angod::http;

TEST_CASE("a port is listened on once, and is free again afterwards") {
    asio::io_context context;
    using asio::ip::tcp;
    tcp::acceptor probe(context, {asio::ip::address_v4::loopback(), 0});
    const std::uint16_t port = probe.local_endpoint().port();
    const auto taken = listen_tcp(context.get_executor(), "127.0.0.1", port);
    REQUIRE(!taken);
    CHECK(taken.error().code == Code::io);
    CHECK(taken.error().text.starts_with(fmt::format("cannot listen on port {} of 127.0.0.1: ", port)));
    probe.close();
    CHECK(listen_tcp(context.get_executor(), "127.0.0.1", port));
}

TEST_CASE("only a numeric address can be listened on") {
    asio::io_context context;
    const auto acceptor = listen_tcp(context.get_executor(), "localhost", 0);
    REQUIRE(!acceptor);
    CHECK(acceptor.error().text == "localhost is no address to listen on");
}
