// A failure with a reason outside of the program is a value, not an exception: Result<T>.
#pragma once

#include <boost/system/result.hpp>

#include <source_location>
#include <stdexcept>
#include <string>

namespace angod {

/// The kind of a failure, as far as callers decide by it. All else is in the text.
enum class Code {
    invalid, ///< the input is wrong; trying again cannot help
    not_found,
    io,       ///< disk
    full,     ///< no space, or a bounded queue is full
    network,  ///< could not reach, or lost, the other side
    protocol, ///< the other side broke the protocol
    remote,   ///< the other side answered with an error
    limit,    ///< a configured limit
    timeout,
    cancelled,
};

/// text: one sentence with the action, its object and the result, without secrets.
struct Error {
    Code code = Code::invalid;
    std::string text;
};

template <class T> using Result = boost::system::result<T, Error>;

/// For value() on a failed Result: a bug of the caller, which must check first.
[[noreturn]] inline void throw_exception_from_error(const Error &error, const boost::source_location &) {
    throw std::logic_error("unchecked failure: " + error.text);
}

inline Error error(Code code, std::string text) { return Error{code, std::move(text)}; }

/// The same failure, with the action in front of its text.
inline Error wrap(std::string_view doing, const Error &cause) {
    return Error{cause.code, std::string(doing) + ": " + cause.text};
}

} // namespace angod
