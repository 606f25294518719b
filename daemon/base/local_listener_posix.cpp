#include "base/local_listener.hpp"

#include "base/files.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace angod {

namespace {

/// The kernel's address structure would silently cut longer paths.
Result<void> check_length(const std::filesystem::path &path) {
    constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.native().size() > kLongest)
        return error(Code::invalid, fmt::format("the socket path {} is longer than {} bytes", path.string(), kLongest));
    return {};
}

} // namespace

Result<LocalSocket> connect_local(const boost::asio::any_io_executor &executor, const std::filesystem::path &path) {
    if (auto ok = check_length(path); !ok) return ok.error();
    LocalSocket socket(executor);
    boost::system::error_code failed;
    socket.connect(path.string(), failed);
    if (failed) return error(Code::network, fmt::format("cannot connect to {}: {}", path.string(), failed.message()));
    return socket;
}

Result<LocalAcceptor> listen_local(const boost::asio::any_io_executor &executor, const LocalListenerOptions &options) {
    const std::filesystem::path &path = options.path;
    if (auto ok = check_length(path); !ok) return ok.error();
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    if (connect_local(executor, path))
        return error(Code::full, fmt::format("another process already listens on {}", path.string()));
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
        if (!S_ISSOCK(info.st_mode))
            return error(Code::invalid,
                         fmt::format("{} exists and is no socket; remove it or choose another path", path.string()));
        ::unlink(path.c_str());
    }
    LocalAcceptor acceptor(executor);
    boost::system::error_code failed;
    // No process may connect before mode and group are right.
    const mode_t before = ::umask(0177);
    acceptor.open(boost::asio::local::stream_protocol(), failed);
    if (!failed) acceptor.bind(path.string(), failed);
    ::umask(before);
    if (!failed && !options.group.empty()) {
        const group *found = ::getgrnam(options.group.c_str());
        if (!found)
            return error(Code::invalid,
                         fmt::format("there is no group \"{}\" for the socket {}", options.group, path.string()));
        if (::chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
            return error(Code::io, fmt::format("cannot give {} to the group {}: {}", path.string(), options.group,
                                               files::system_error()));
    }
    if (!failed && ::chmod(path.c_str(), options.mode) != 0)
        return error(Code::io, fmt::format("cannot set the mode of {}: {}", path.string(), files::system_error()));
    if (!failed) acceptor.listen(boost::asio::socket_base::max_listen_connections, failed);
    if (failed) return error(Code::io, fmt::format("cannot listen on {}: {}", path.string(), failed.message()));
    return acceptor;
}

} // namespace angod
