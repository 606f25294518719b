#include "http/client.hpp"

#include "printing.hpp"
#include "temporary_folder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include <thread>

using namespace angod;
using namespace angod::http;

namespace {

namespace asio = boost::asio;

/// A server that reads one request, says what it is told to, and closes.
class Peer {
public:
    explicit Peer(std::string answer)
        : path_(folder_.path() / "socket"),
          acceptor_(context_, asio::local::stream_protocol::endpoint(path_.string())),
          thread_([this, answer = std::move(answer)] {
              LocalSocket socket(context_);
              acceptor_.accept(socket);
              boost::system::error_code ignored;
              asio::read_until(socket, asio::dynamic_buffer(request_), "\r\n\r\n", ignored);
              asio::write(socket, asio::buffer(answer), ignored);
          }) {}
    ~Peer() {
        if (thread_.joinable()) thread_.join();
    }
    LocalSocket connect() {
        auto socket = connect_local(context_.get_executor(), path_);
        REQUIRE(socket);
        return std::move(*socket);
    }
    /// The request that it was sent; ends the server.
    const std::string &request() {
        if (thread_.joinable()) thread_.join();
        return request_;
    }

private:
    TemporaryFolder folder_;
    std::filesystem::path path_;
    asio::io_context context_;
    asio::local::stream_protocol::acceptor acceptor_;
    std::string request_;
    std::thread thread_;
};

} // namespace

TEST_CASE("a request is sent with its body, and the answer is returned whatever its status") {
    Peer peer("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");
    auto socket = peer.connect();
    const auto response = request_local(socket, "POST", "/v1/x?a=b", "{}");
    REQUIRE(response);
    CHECK(response->status == 404);
    CHECK(response->body == "no");
    CHECK(response->content_type == "text/plain");
    CHECK(peer.request().starts_with("POST /v1/x?a=b HTTP/1.1\r\n"));
    CHECK(peer.request().find("Content-Length: 2\r\n") != std::string::npos);
}

TEST_CASE("a server that ends without an answer is an error") {
    Peer peer("");
    auto socket = peer.connect();
    const auto response = request_local(socket, "GET", "/", "");
    REQUIRE(!response);
    CHECK(response.error().text.starts_with("angod did not answer: "));
}

TEST_CASE("a body is handed over as it comes") {
    Peer peer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    auto socket = peer.connect();
    std::string body;
    const auto response = follow_local(socket, "/v1/logs", [&](std::string_view piece) { body += piece; });
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->body.empty());
    CHECK(body == "onetwo");
}

TEST_CASE("a refusal is returned whole instead") {
    Peer peer("HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nwhy");
    auto socket = peer.connect();
    const auto response = follow_local(socket, "/", [](std::string_view) { FAIL("no piece was expected"); });
    REQUIRE(response);
    CHECK(response->status == 400);
    CHECK(response->body == "why");
}

TEST_CASE("a body that breaks off is an error, after the pieces that came") {
    Peer peer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n5\r\ntw");
    auto socket = peer.connect();
    std::string body;
    const auto response = follow_local(socket, "/", [&](std::string_view piece) { body += piece; });
    REQUIRE(!response);
    CHECK(response.error().text.starts_with("angod's answer broke off: "));
    CHECK(body == "onetw");
}
