// Which of the things that were written the server is known to have read. Pure.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace angod::socketio {

/// Number of a point in what was written; later points have higher numbers. 0: none.
using Mark = std::uint64_t;

/// Two things prove that the server has read up to a mark: the pong of a WebSocket ping that was written behind the mark,
/// and a ping of the server that follows our answer to its ping before. A server starts the wait for its next ping when it
/// has read our pong. At most one WebSocket ping is under way.
class DeliveryProof {
public:
    /// A new mark, behind everything that was written so far.
    Mark add() { return ++last_; }
    /// The mark that a ping has to carry which is to be written now. 0: no ping is needed, or one is under way.
    Mark ping() {
        if (pinged_ > confirmed_ || confirmed_ == last_) return 0;
        return pinged_ = last_;
    }

    // Each returns the mark up to which everything is proved now, or 0 if that is nothing new.
    Mark on_pong(std::string_view payload) {
        Mark mark = 0;
        std::from_chars(payload.data(), payload.data() + payload.size(), mark);
        return mark <= pinged_ ? confirm(mark) : 0;
    }
    Mark on_server_ping() { return confirm(behind_pong_); }

    /// Our answer to the server's ping was written.
    void answered_server_ping() { behind_pong_ = last_; }

private:
    Mark confirm(Mark mark) {
        if (mark <= confirmed_) return 0;
        return confirmed_ = mark;
    }
    Mark last_ = 0, pinged_ = 0, confirmed_ = 0, behind_pong_ = 0;
};

} // namespace angod::socketio
