// The only file that sees Beast.
#include "http/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <set>

namespace angod::http {

namespace {

namespace beast_http = boost::beast::http;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

constexpr std::size_t kMaxBody = 1u << 20;
constexpr auto kRequestLimit = 30s;

std::string decode(std::string_view text) {
    std::string out;
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

Request make_request(beast_http::request<beast_http::string_body> &&message) {
    Request request;
    request.method = std::string(message.method_string());
    const std::string target(message.target());
    const std::size_t question = target.find('?');
    request.path = decode(std::string_view(target).substr(0, question));
    std::string_view query =
        question == std::string::npos ? std::string_view() : std::string_view(target).substr(question + 1);
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        request.query[decode(pair.substr(0, equals))] =
            equals == std::string_view::npos ? "" : decode(pair.substr(equals + 1));
    }
    request.body = std::move(message.body());
    return request;
}

} // namespace

struct LocalServer::Shared {
    Shared(LocalAcceptor a, Handler h) : acceptor(std::move(a)), handler(std::move(h)) {}
    LocalAcceptor acceptor;
    Handler handler;
    bool stopping = false;
    std::set<LocalSocket *> idle; ///< connections that wait for a request
};

namespace {

/// Shared is private to the server; the session needs just this much of it.
template <class Shared> awaitable<void> serve(std::shared_ptr<Shared> shared, LocalSocket socket) {
    boost::beast::flat_buffer buffer;
    while (!shared->stopping) {
        beast_http::request_parser<beast_http::string_body> parser;
        parser.body_limit(kMaxBody);
        asio::steady_timer limit(socket.get_executor(), kRequestLimit);
        shared->idle.insert(&socket);
        const auto first =
            co_await (beast_http::async_read(socket, buffer, parser, as_value) || limit.async_wait(as_value));
        shared->idle.erase(&socket);
        if (first.index() == 1 || std::get<0>(std::get<0>(first))) co_return;
        const bool keep = parser.get().keep_alive();
        const unsigned version = parser.get().version();
        Response made = co_await shared->handler(make_request(parser.release()));
        beast_http::response<beast_http::string_body> response{static_cast<beast_http::status>(made.status), version};
        response.set(beast_http::field::content_type, made.content_type);
        response.keep_alive(keep && !shared->stopping);
        response.body() = std::move(made.body);
        response.prepare_payload();
        const auto [failed, n] = co_await beast_http::async_write(socket, response, as_value);
        if (failed || !keep) co_return;
    }
}

template <class Shared> awaitable<void> accept(std::shared_ptr<Shared> shared) {
    while (!shared->stopping) {
        auto [failed, socket] = co_await shared->acceptor.async_accept(as_value);
        if (failed) {
            if (shared->stopping) co_return;
            co_await pause(100ms); // out of descriptors, perhaps: it passes
            continue;
        }
        const auto executor = socket.get_executor();
        spawn(executor, "admin connection", serve(shared, std::move(socket)));
    }
}

} // namespace

LocalServer::LocalServer(LocalAcceptor acceptor, Handler handler)
    : shared_(std::make_shared<Shared>(std::move(acceptor), std::move(handler))) {}

LocalServer::~LocalServer() { stop(); }

void LocalServer::start() { spawn(shared_->acceptor.get_executor(), "admin listener", accept(shared_)); }

void LocalServer::stop() {
    shared_->stopping = true;
    boost::system::error_code ignored;
    shared_->acceptor.close(ignored);
    for (LocalSocket *socket : shared_->idle) socket->close(ignored);
}

Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body) {
    beast_http::request<beast_http::string_body> request{beast_http::string_to_verb(method), target, 11};
    request.set(beast_http::field::host, "angod");
    request.set(beast_http::field::content_type, "application/json");
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();
    boost::system::error_code failed;
    beast_http::write(socket, request, failed);
    if (failed) return error(Code::network, fmt::format("cannot send the request: {}", failed.message()));
    boost::beast::flat_buffer buffer;
    beast_http::response_parser<beast_http::string_body> parser;
    parser.body_limit(boost::none);
    beast_http::read(socket, buffer, parser, failed);
    if (failed) return error(Code::network, fmt::format("angod did not answer: {}", failed.message()));
    auto response = parser.release();
    return Response{static_cast<int>(response.result_int()), std::move(response.body()),
                    std::string(response[beast_http::field::content_type])};
}

} // namespace angod::http
