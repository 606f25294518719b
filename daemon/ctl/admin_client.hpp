// Requests to the admin socket of a running angod, with their answers on stdout and problems on stderr. All calls block.
#pragma once

#include "base/json.hpp"
#include "base/local_listener.hpp"
#include "base/result.hpp"
#include "ctl/commands.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace angod::ctl {

/// An answer as a text for people, which ends with a line end.
using Table = std::function<std::string(const json::Value &)>;

/// A connection to the admin socket. The error is a sentence for the user.
Result<LocalSocket> connect_admin(boost::asio::io_context &context, const Options &options);

/// Sends the request and returns the body of the answer. The error is a sentence for the user.
Result<std::string> fetch(const Options &options, const std::string &method, const std::string &target);

/// Sends the request and prints the answer: as it is with --json, or else through the table. Returns an exit code.
int ask(const Options &options, const std::string &method, const std::string &target, const Table &table);

/// Asks every two seconds and shows each answer in place of the last one, on a terminal, or else behind it. Ends with a
/// failure, or with a signal.
int watch(const Options &options, const std::string &target, const Table &table);

/// Prints an answer as it comes: each line through the text, or as it is if there is none. Returns an exit code.
int print_lines(const Options &options, const std::string &target, std::string (*text)(std::string_view));

} // namespace angod::ctl
