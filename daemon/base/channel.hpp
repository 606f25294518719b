// The two-way byte channel between angod and a host process: inherited, so it has no name and no path.
#pragma once

#include "base/native_handle.hpp"
#include "base/result.hpp"

#include <boost/asio/any_io_executor.hpp>
#ifdef _WIN32
#include <boost/asio/windows/stream_handle.hpp>
#else
#include <boost/asio/local/stream_protocol.hpp>
#endif

#include <cstddef>
#include <string_view>

namespace angod {

/// angod's end, asynchronous.
#ifdef _WIN32
using ChannelStream = boost::asio::windows::stream_handle; // of a named pipe
#else
using ChannelStream = boost::asio::local::stream_protocol::socket;
#endif

/// The host's end of a channel that was made for a child process; closed on destruction.
class ChannelEnd {
public:
    explicit ChannelEnd(NativeHandle handle) : handle_(handle) {}
    ChannelEnd(ChannelEnd &&other) noexcept;
    ChannelEnd &operator=(ChannelEnd &&) = delete;
    ~ChannelEnd();
    NativeHandle native() const { return handle_; }
    /// Whether the handle is still that of a channel: module code in the same process may have closed it.
    bool usable() const;

    /// Blocking. At least one byte; 0 when the other side is gone.
    Result<std::size_t> read_some(char *buffer, std::size_t capacity);
    /// Blocking; writes all of it. One thread may write while another one reads.
    Result<void> write(const char *data, std::size_t size);

private:
    NativeHandle handle_;
};

struct ChannelPair {
    ChannelStream ours;
    ChannelEnd theirs;
};

Result<ChannelPair> make_channel(const boost::asio::any_io_executor &executor);

/// Writes as much as fits without waiting, perhaps nothing, and returns how many bytes. This saves a turn of the event loop. An
/// error appears again in the next read or write. Not while a write is under way.
std::size_t write_what_fits(ChannelStream &stream, std::string_view bytes);

/// False when the program was started by hand.
bool has_inherited_channel();

/// Inside a host: the end that it inherited. Call once.
ChannelEnd inherited_channel();

inline constexpr int kChannelFd = 3; ///< its number in the host, on systems with descriptors

} // namespace angod
