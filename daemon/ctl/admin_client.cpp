#include "ctl/admin_client.hpp"

#include "base/local_listener.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/logs.hpp"
#include "http/client.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>

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

int fail(const Error &why) {
    std::fprintf(stderr, "%s\n", why.text.c_str());
    return kFailure;
}

Result<LocalSocket> connect(boost::asio::io_context &context, const Options &options) {
    auto socket = connect_local(context.get_executor(), options.socket);
    if (socket) return socket;
    return error(socket.error().code, socket.error().text + "; is angod running, and is --socket right?");
}

} // namespace

Result<std::string> fetch(const Options &options, const std::string &method, const std::string &target) {
    boost::asio::io_context context;
    auto socket = connect(context, options);
    if (!socket) return socket.error();
    return body_of(http::request_local(*socket, method, target, ""));
}

int ask(const Options &options, const std::string &method, const std::string &target,
        std::string (*table)(const json::Value &)) {
    const auto body = fetch(options, method, target);
    if (!body) return fail(body.error());
    const auto document = json::parse(*body);
    if (options.json || !document)
        std::printf("%s\n", body->c_str());
    else
        std::fputs(table(*document).c_str(), stdout);
    return 0;
}

int print_lines(const Options &options, const std::string &target, std::string (*text)(std::string_view)) {
    boost::asio::io_context context;
    auto socket = connect(context, options);
    LineReader lines;
    const auto print = [&](std::string_view piece) {
        lines.add(piece, [&](std::string_view line) {
            const std::string shown = text && !options.json ? text(line) : std::string(line) + "\n";
            std::fwrite(shown.data(), 1, shown.size(), stdout);
        });
        std::fflush(stdout); // stdout may be a pipe that a person follows
    };
    const auto body =
        body_of(socket ? http::follow_local(*socket, target, print) : Result<http::Response>(socket.error()));
    return body ? 0 : fail(body.error());
}

} // namespace angod::ctl
