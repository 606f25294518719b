#include "ctl/admin_client.hpp"

#include "base/local_listener.hpp"
#include "ctl/exit_codes.hpp"
#include "ctl/logs.hpp"
#include "http/client.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdio>

namespace angod::ctl {

namespace {

/// True for an answer that is no error. Everything else is told on stderr.
bool is_good(const Result<http::Response> &response) {
    if (!response) {
        std::fprintf(stderr, "%s\n", response.error().text.c_str());
        return false;
    }
    if (response->status < 400) return true;
    const auto document = json::parse(response->body);
    const json::Value *problem = document ? json::find(*document, "error") : nullptr;
    std::fprintf(stderr, "%s\n",
                 problem ? json::text_or(*problem, "message", response->body).c_str() : response->body.c_str());
    return false;
}

Result<LocalSocket> connect(boost::asio::io_context &context, const Options &options) {
    auto socket = connect_local(context.get_executor(), options.socket);
    if (socket) return socket;
    return error(socket.error().code, socket.error().text + "; is angod running, and is --socket right?");
}

} // namespace

int ask(const Options &options, const std::string &method, const std::string &target,
        std::string (*table)(const json::Value &)) {
    boost::asio::io_context context;
    auto socket = connect(context, options);
    const auto response =
        socket ? http::request_local(*socket, method, target, "") : Result<http::Response>(socket.error());
    if (!is_good(response)) return kFailure;
    const auto document = json::parse(response->body);
    if (options.json || !document)
        std::printf("%s\n", response->body.c_str());
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
    const auto response = socket ? http::follow_local(*socket, target, print) : Result<http::Response>(socket.error());
    return is_good(response) ? 0 : kFailure;
}

} // namespace angod::ctl
