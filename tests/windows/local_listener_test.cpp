#include "base/local_listener.hpp"

#include "base/files.hpp"
#include "base/handle_windows.hpp"
#include "printing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace angod;
namespace fs = std::filesystem;

namespace {

/// Windows before version 1803, and Wine, have none.
bool has_unix_sockets() {
    boost::asio::io_context io;
    boost::system::error_code failed;
    LocalSocket(io).open(boost::asio::local::stream_protocol(), failed);
    return !failed;
}

} // namespace

TEST_CASE("a socket is listened on once, and what a dead process left is replaced" *
          doctest::skip(!has_unix_sockets())) {
    const fs::path path =
        fs::temp_directory_path() / ("angod-test-" + std::to_string(::GetCurrentProcessId()) + ".sock");
    boost::asio::io_context io;
    const LocalListenerOptions options{path, 0600, ""};
    for (int turn = 0; turn < 2; ++turn) { // Windows leaves the file of a closed socket where it is
        auto acceptor = listen_local(io.get_executor(), options);
        REQUIRE(acceptor);
        CHECK(listen_local(io.get_executor(), options).error().code == Code::full);
        auto client = connect_local(io.get_executor(), path);
        REQUIRE(client);
        acceptor->accept(); // of the second listener's question
        LocalSocket server = acceptor->accept();
        boost::asio::write(*client, boost::asio::buffer("hello", 5));
        char got[5];
        CHECK(boost::asio::read(server, boost::asio::buffer(got)) == 5);
    }
    files::remove_all(path);
    CHECK(connect_local(io.get_executor(), path).error().code == Code::network);
    REQUIRE(files::replace(path, "no socket", false));
    CHECK(listen_local(io.get_executor(), options).error().code == Code::invalid);
    files::remove_all(path);
}

TEST_CASE("a path that is too long for a socket is refused with its limit") {
    boost::asio::io_context io;
    const auto refused = connect_local(io.get_executor(), std::string(200, 'x'));
    CHECK(refused.error().code == Code::invalid);
}
