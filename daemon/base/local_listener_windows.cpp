// AF_UNIX, which Windows has since version 1803 of Windows 10. As elsewhere, the rights of the file decide who may connect.
#include "base/local_listener.hpp"

#include "base/files.hpp"
#include "base/handle_windows.hpp"
#include "base/security_windows.hpp"
#include "base/text_windows.hpp"

#include <afunix.h>
#include <fmt/format.h>

namespace angod {

namespace {

constexpr unsigned kGroupWrites = 0020, kOthersWrite = 0002;

/// The address structure holds UTF-8; longer paths would be cut.
Result<std::string> address_of(const std::filesystem::path &path) {
    constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
    std::string text = to_utf8(path.wstring());
    if (text.size() > kLongest)
        return error(Code::invalid, fmt::format("the socket path {} is longer than {} bytes", text, kLongest));
    return text;
}

enum class Found { nothing, socket, other };

Found look_at(const std::filesystem::path &path) {
    WIN32_FIND_DATAW info{};
    const HANDLE search = ::FindFirstFileW(path.c_str(), &info);
    if (search == INVALID_HANDLE_VALUE) return Found::nothing;
    ::FindClose(search);
    const bool reparse = (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    return reparse && info.dwReserved0 == IO_REPARSE_TAG_AF_UNIX ? Found::socket : Found::other;
}

/// On the socket itself: opening its path in the usual way fails.
bool set_rights(const std::filesystem::path &path, const Security &security) {
    const Handle socket(::CreateFileW(path.c_str(), WRITE_DAC, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                      nullptr, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    return socket &&
           ::SetKernelObjectSecurity(socket.get(), DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                                     security.descriptor());
}

} // namespace

Result<LocalSocket> connect_local(const boost::asio::any_io_executor &executor, const std::filesystem::path &path) {
    const auto address = address_of(path);
    if (!address) return address.error();
    LocalSocket socket(executor);
    boost::system::error_code failed;
    socket.connect(*address, failed);
    if (failed) return error(Code::network, fmt::format("cannot connect to {}: {}", *address, failed.message()));
    return socket;
}

Result<LocalAcceptor> listen_local(const boost::asio::any_io_executor &executor, const LocalListenerOptions &options) {
    const std::filesystem::path &path = options.path;
    const auto address = address_of(path);
    if (!address) return address.error();
    const auto security =
        Security::shared(options.mode & kGroupWrites ? options.group : "", (options.mode & kOthersWrite) != 0);
    if (!security) return wrap("cannot give rights to the socket " + *address, security.error());
    std::error_code ignored; // appears again when it is bound
    std::filesystem::create_directories(path.parent_path(), ignored);
    if (connect_local(executor, path))
        return error(Code::full, fmt::format("another process already listens on {}", *address));
    const Found found = look_at(path);
    if (found == Found::other)
        return error(Code::invalid,
                     fmt::format("{} exists and is no socket; remove it or choose another path", *address));
    if (found == Found::socket) ::DeleteFileW(path.c_str());
    LocalAcceptor acceptor(executor);
    boost::system::error_code failed;
    acceptor.open(boost::asio::local::stream_protocol(), failed);
    if (!failed) acceptor.bind(*address, failed);
    // No process can connect before it listens.
    if (!failed && !set_rights(path, *security))
        return error(Code::io, fmt::format("cannot set the rights of {}: {}", *address, files::system_error()));
    if (!failed) acceptor.listen(boost::asio::socket_base::max_listen_connections, failed);
    if (failed) return error(Code::io, fmt::format("cannot listen on {}: {}", *address, failed.message()));
    return acceptor;
}

} // namespace angod
