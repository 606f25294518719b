// The admin socket: a listener that only users of this machine with the right to the file can reach.
#pragma once

#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <string>

namespace angod {

using LocalAcceptor = boost::asio::local::stream_protocol::acceptor;
using LocalSocket = boost::asio::local::stream_protocol::socket;

struct LocalListenerOptions {
    std::filesystem::path path;
    unsigned mode = 0660;
    std::string group; ///< empty: unchanged
};

/// Listens at path. A socket file left by a dead process is replaced; one that answers is an error.
Result<LocalAcceptor> listen_local(const boost::asio::any_io_executor &executor, const LocalListenerOptions &options);

/// Connects to it, blocking.
Result<LocalSocket> connect_local(const boost::asio::any_io_executor &executor, const std::filesystem::path &path);

} // namespace angod
