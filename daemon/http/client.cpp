#include "http/client.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <array>

namespace angod::http {

namespace {

namespace beast_http = boost::beast::http;

boost::system::error_code send(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body) {
    beast_http::request<beast_http::string_body> request{beast_http::string_to_verb(method), target, 11};
    request.set(beast_http::field::host, "angod");
    request.set(beast_http::field::content_type, "application/json");
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();
    boost::system::error_code failed;
    beast_http::write(socket, request, failed);
    return failed;
}

Error not_sent(const boost::system::error_code &failed) {
    return error(Code::network, fmt::format("cannot send the request: {}", failed.message()));
}

Error not_answered(const boost::system::error_code &failed) {
    return error(Code::network, fmt::format("angod did not answer: {}", failed.message()));
}

} // namespace

Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body) {
    if (const auto failed = send(socket, method, target, body)) return not_sent(failed);
    boost::system::error_code failed;
    boost::beast::flat_buffer buffer;
    beast_http::response_parser<beast_http::string_body> parser;
    parser.body_limit(boost::none);
    beast_http::read(socket, buffer, parser, failed);
    if (failed) return not_answered(failed);
    auto response = parser.release();
    return Response{static_cast<int>(response.result_int()), std::move(response.body()),
                    std::string(response[beast_http::field::content_type])};
}

Result<Response> follow_local(LocalSocket &socket, const std::string &target,
                              const std::function<void(std::string_view)> &piece) {
    if (const auto failed = send(socket, "GET", target, "")) return not_sent(failed);
    boost::system::error_code failed;
    boost::beast::flat_buffer buffer;
    beast_http::response_parser<beast_http::buffer_body> parser;
    parser.body_limit(boost::none);
    beast_http::read_header(socket, buffer, parser, failed);
    if (failed) return not_answered(failed);
    Response response;
    response.status = static_cast<int>(parser.get().result_int());
    response.content_type = std::string(parser.get()[beast_http::field::content_type]);
    std::array<char, 16 * 1024> room;
    while (!parser.is_done()) {
        auto &body = parser.get().body();
        body.data = room.data();
        body.size = room.size();
        beast_http::read_some(socket, buffer, parser, failed);
        const std::string_view came(room.data(), room.size() - body.size);
        if (response.status >= 400)
            response.body += came;
        else if (!came.empty())
            piece(came);
        if (failed && failed != beast_http::error::need_buffer)
            return error(Code::network, fmt::format("angod's answer broke off: {}", failed.message()));
    }
    return response;
}

} // namespace angod::http
