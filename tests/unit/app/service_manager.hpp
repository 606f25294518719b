// The service manager, played by a test: it hears the messages of base/service.hpp.
#pragma once

#include "base/async.hpp"
#include "temporary_folder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

namespace angod::app {

class ServiceManager {
public:
    explicit ServiceManager(asio::io_context &context) : socket_(context) {
        const std::string path = (folder_.path() / "notify").string();
        socket_.open();
        socket_.bind({path});
        REQUIRE(::setenv("NOTIFY_SOCKET", path.c_str(), 1) == 0);
        listen();
    }
    ServiceManager(const ServiceManager &) = delete;
    ServiceManager &operator=(const ServiceManager &) = delete;
    ~ServiceManager() { ::unsetenv("NOTIFY_SOCKET"); }

    std::vector<std::string> heard;

private:
    void listen() {
        socket_.async_receive(asio::buffer(bytes_), [this](boost::system::error_code failed, std::size_t size) {
            if (failed) return;
            heard.emplace_back(bytes_.data(), size);
            listen();
        });
    }
    TemporaryFolder folder_;
    std::array<char, 4096> bytes_{};
    asio::local::datagram_protocol::socket socket_;
};

} // namespace angod::app
