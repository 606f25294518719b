#include "ctl/stopping.hpp"

#include "base/files.hpp"
#include "base/local_listener.hpp"
#include "base/units.hpp"
#include "ctl/admin_client.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/output.hpp"
#include "ctl/tables.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace angod::ctl {

namespace {

using Clock = std::chrono::steady_clock;

/// Between the end of the admin socket and that of the process.
constexpr std::chrono::seconds kAlmostEnded{5};

/// The process that listens on the admin socket. It is held by a descriptor, because its number may be used again.
class AdminProcess {
public:
    static Result<AdminProcess> find(const Options &options) {
        boost::asio::io_context context;
        auto socket = connect_admin(context, options);
        if (!socket) return socket.error();
        ucred peer{};
        socklen_t size = sizeof peer;
        if (::getsockopt(socket->native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.pid <= 0)
            return error(Code::io, "the process of angod cannot be seen from here, for example because it is in a "
                                   "container; call shutdown without --wait");
        const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0));
        if (fd < 0)
            return error(Code::io,
                         fmt::format("cannot watch the process {} of angod: {}", peer.pid, files::system_error()));
        return AdminProcess(peer.pid, fd);
    }
    AdminProcess(AdminProcess &&other) noexcept : pid_(other.pid_), fd_(std::exchange(other.fd_, -1)) {}
    AdminProcess &operator=(AdminProcess &&) = delete;
    ~AdminProcess() {
        if (fd_ >= 0) ::close(fd_);
    }
    int pid() const { return pid_; }

    /// False: not by then.
    bool ends_by(Clock::time_point deadline) const {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
            pollfd watched{fd_, POLLIN, 0};
            const int ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
            if (ready > 0) return true;
            if (ready == 0 || errno != EINTR) return false;
        }
    }

private:
    AdminProcess(int pid, int fd) : pid_(pid), fd_(fd) {}
    int pid_, fd_;
};

} // namespace

int shut_down(const Options &options, const StopOptions &how) {
    if (!how.wait) return ask(options, "POST", "/v1/shutdown", stopping_text);
    const auto begun = Clock::now();
    const auto process = AdminProcess::find(options);
    if (!process) return complain(process.error().text, kFailure);
    const auto asked = fetch(options, "POST", "/v1/shutdown");
    // It may be at its end already, and take no request any more.
    if (!asked && !process->ends_by(begun + kAlmostEnded)) return complain(asked.error().text, kFailure);
    if (!process->ends_by(begun + std::chrono::seconds(how.timeout_s)))
        return complain(
            fmt::format("angod (process {}) was asked to stop and has not ended within {}; running jobs get up "
                        "to drain_s seconds to finish",
                        process->pid(), duration_text(how.timeout_s)),
            kFailure);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun).count();
    if (options.json)
        print_out(fmt::format("{{\"state\":\"ended\",\"pid\":{},\"seconds\":{}}}\n", process->pid(), seconds));
    else
        print_out(fmt::format("angod (process {}) has ended after {}.\n", process->pid(), duration_text(seconds)));
    return 0;
}

} // namespace angod::ctl
