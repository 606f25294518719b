// The messages of Hub to one plugin, without names, keys and contents, for people who compare Hubs. Event loop only.
#pragma once

#include "admin/views.hpp"
#include "base/anonymiser.hpp"
#include "host_protocol/messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::app {

class Recording {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// It ends by itself, because it costs time and memory.
    static constexpr std::chrono::minutes kLongest{10};

    /// Begins a new one, without what was recorded before.
    void begin(Time now);
    bool is_on(Time now) const { return now < until_; }
    /// A run. Does nothing unless it is on.
    void event(Time now, std::string_view payload);
    /// An answer of Hub's REST API to a call of a run. Does nothing unless it is on.
    void answer(Time now, const host_protocol::Heard &heard);
    /// Ends it before its time. The messages stay.
    void end();

    /// Its messages without the first since of them.
    admin::RecordingView view(Time now, std::size_t since = 0) const;

private:
    bool has_room();
    void add(Time now, std::string entry);
    std::string content(std::string_view text, std::uint64_t size);

    Time began_{}, until_{};
    Anonymiser anonymiser_;
    std::vector<std::string> messages_; ///< JSON objects
    std::size_t bytes_ = 0;
    std::uint64_t left_out_ = 0;
    static constexpr std::size_t kMostMessages = 1'000, kMostBytes = std::size_t{4} << 20;
};

} // namespace angod::app
