#include "http/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <fmt/format.h>

namespace angod::http {

Result<Acceptor> listen_tcp(const asio::any_io_executor &executor, const std::string &address, std::uint16_t port) {
    using asio::ip::tcp;
    boost::system::error_code failed;
    const auto ip = asio::ip::make_address(address, failed);
    if (failed) return error(Code::invalid, fmt::format("{} is no address to listen on", address));
    const tcp::endpoint endpoint(ip, port);
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(false), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed)
        return error(Code::io, fmt::format("cannot listen on port {} of {}: {}", port, address, failed.message()));
    return Acceptor(std::move(acceptor));
}

} // namespace angod::http
