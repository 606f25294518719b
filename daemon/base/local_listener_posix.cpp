#include "base/local_listener.hpp"

#include "base/files.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

namespace angod {

namespace {

/// The kernel's address structure would silently cut longer paths.
Result<void> check_length(const std::filesystem::path &path) {
    constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.native().size() > kLongest)
        return error(Code::invalid, fmt::format("the socket path {} is longer than {} bytes", path.string(), kLongest));
    return {};
}

/// A directory service that does not answer must not stop the start for ever.
constexpr std::chrono::seconds kGroupLimit(10);

/// Nothing if there is no such group.
Result<std::optional<gid_t>> ask_for_group(const std::string &name) {
    std::vector<char> buffer(16 * 1024);
    group entry{};
    group *found = nullptr;
    int failed = ERANGE;
    for (; failed == ERANGE && buffer.size() <= (64u << 20); buffer.resize(buffer.size() * 2))
        failed = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (failed != 0)
        return error(Code::io, fmt::format("cannot look up the group \"{}\": {}", name,
                                           std::error_code(failed, std::generic_category()).message()));
    return found ? std::optional(found->gr_gid) : std::nullopt;
}

/// Waits for the answer on another thread, which stays behind if there is none.
Result<gid_t> group_id(const std::string &name) {
    using Answer = Result<std::optional<gid_t>>;
    const auto promise = std::make_shared<std::promise<Answer>>();
    auto answer = promise->get_future();
    try {
        std::thread([promise, name] { promise->set_value(ask_for_group(name)); }).detach();
    } catch (const std::system_error &failed) {
        return error(Code::io,
                     fmt::format("cannot start a thread to look up the group \"{}\": {}", name, failed.what()));
    }
    if (answer.wait_for(kGroupLimit) != std::future_status::ready)
        return error(Code::timeout,
                     fmt::format("the system has not said within {} s which group \"{}\" is; check its directory "
                                 "service (LDAP, SSSD), or remove admin.group from the configuration",
                                 kGroupLimit.count(), name));
    const Answer group = answer.get();
    if (!group) return group.error();
    if (!*group) return error(Code::invalid, fmt::format("there is no group \"{}\"", name));
    return **group;
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
        const auto group = group_id(options.group);
        if (!group) return wrap(fmt::format("cannot open the admin socket {}", path.string()), group.error());
        if (::chown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
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
