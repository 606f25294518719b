#include "ctl/admin_client.hpp"

#include "ctl/exit_codes.hpp"
#include "ctl/logs.hpp"
#include "ctl/output.hpp"
#include "http/client.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdio>
#include <thread>
#include <unistd.h>

namespace angod::ctl {

namespace {

/// The body of an answer that is no error.
Result<std::string> body_of(Result<http::Response> response) {
    if (!response) return response.error();
    if (response->status < 400) return std::move(response->body);
    const auto document = json::parse(response->body);
    const json::Value *problem = document ? json::find(*document, "error") : nullptr;
    return error(Code::remote, problem ? json::text_or(*problem, "message", response->body) : response->body);
}

constexpr std::chrono::seconds kWatchEvery{2};
/// Moves the cursor to the first column of the first line, and clears what is behind it.
constexpr std::string_view kClear = "\x1b[H\x1b[2J";

} // namespace

Result<LocalSocket> connect_admin(boost::asio::io_context &context, const Options &options) {
    auto socket = connect_local(context.get_executor(), options.socket);
    if (socket) return socket;
    return error(socket.error().code, socket.error().text + "; is angod running, and is --socket right?");
}

Result<std::string> fetch(const Options &options, const std::string &method, const std::string &target) {
    boost::asio::io_context context;
    auto socket = connect_admin(context, options);
    if (!socket) return socket.error();
    return body_of(http::request_local(*socket, method, target, ""));
}

int ask(const Options &options, const std::string &method, const std::string &target, const Table &table) {
    const auto body = fetch(options, method, target);
    if (!body) return complain(body.error().text, kFailure);
    const auto document = json::parse(*body);
    print_out(options.json || !document ? *body + "\n" : table(*document));
    return 0;
}

int watch(const Options &options, const std::string &target, const Table &table) {
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    for (bool first = true;; first = false) {
        const Table shown = [&](const json::Value &answer) {
            // Written by hand, because print_out lets no control character pass.
            if (is_terminal) std::fwrite(kClear.data(), 1, kClear.size(), stdout);
            return (first || is_terminal ? "" : "\n") + table(answer);
        };
        if (const int code = ask(options, "GET", target, shown); code != 0) return code;
        std::this_thread::sleep_for(kWatchEvery);
    }
}

int print_lines(const Options &options, const std::string &target, std::string (*text)(std::string_view)) {
    boost::asio::io_context context;
    auto socket = connect_admin(context, options);
    LineReader lines;
    const auto print = [&](std::string_view piece) {
        std::string shown;
        lines.add(piece, [&](std::string_view line) {
            shown += text && !options.json ? text(line) : std::string(line) + "\n";
        });
        print_out(shown); // at once: a person may follow it
    };
    const auto body =
        body_of(socket ? http::follow_local(*socket, target, print) : Result<http::Response>(socket.error()));
    return body ? 0 : complain(body.error().text, kFailure);
}

} // namespace angod::ctl
