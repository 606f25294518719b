#include "base/local_listener.hpp"

#include "printing.hpp"
#include "temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

using namespace angod;

namespace {

unsigned mode_of(const std::filesystem::path &path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions()) & 0777;
}

} // namespace

TEST_CASE("the socket has the mode that was asked for, and can be connected to") {
    const TemporaryFolder folder;
    boost::asio::io_context context;
    const auto path = folder.path() / "admin.sock";
    const auto acceptor = listen_local(context.get_executor(), {path, 0600, ""});
    REQUIRE(acceptor);
    CHECK(mode_of(path) == 0600);
    CHECK(connect_local(context.get_executor(), path));
}

TEST_CASE("a socket that another process serves is left to it; a dead one is replaced") {
    const TemporaryFolder folder;
    boost::asio::io_context context;
    const auto path = folder.path() / "admin.sock";
    {
        const auto first = listen_local(context.get_executor(), {path, 0660, ""});
        REQUIRE(first);
        CHECK(!listen_local(context.get_executor(), {path, 0660, ""}));
    }
    CHECK(listen_local(context.get_executor(), {path, 0660, ""}));
}

TEST_CASE("a file that is no socket is not removed") {
    const TemporaryFolder folder;
    boost::asio::io_context context;
    const auto path = folder.path() / "admin.sock";
    std::ofstream(path) << "kept";
    CHECK(!listen_local(context.get_executor(), {path, 0660, ""}));
    CHECK(std::filesystem::file_size(path) == 4);
}

TEST_CASE("no listener is an error with the path in it") {
    const TemporaryFolder folder;
    boost::asio::io_context context;
    const auto socket = connect_local(context.get_executor(), folder.path() / "nowhere.sock");
    REQUIRE(!socket);
    CHECK(socket.error().text.find("nowhere.sock") != std::string::npos);
}
