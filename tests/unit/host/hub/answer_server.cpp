#include "host/hub/answer_server.hpp"

#include "base/async.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

struct AnswerServer::Impl {
    Answer answer;
    asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
    mutable std::mutex mutex;
    std::vector<Request> requests;
    std::thread thread;

    Reply reply_to(const http::request<http::string_body> &request) {
        const auto target = request.target();
        const auto method = request.method_string();
        Request seen{
            std::string(method.data(), method.size()), std::string(target.data(), target.size()), request.body(), {}};
        for (const auto &field : request) {
            std::string name(field.name_string().data(), field.name_string().size());
            std::transform(name.begin(), name.end(), name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            seen.headers[name] = std::string(field.value().data(), field.value().size());
        }
        {
            const std::lock_guard lock(mutex);
            requests.push_back(seen);
        }
        return answer(seen);
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        boost::beast::flat_buffer buffer;
        boost::system::error_code failed;
        for (;;) {
            http::request<http::string_body> request;
            co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return;
            const Reply reply = reply_to(request);
            if (reply.lost) co_return;
            http::response<http::string_body> response(http::status(reply.status), 11);
            response.set(http::field::content_type, "application/json");
            for (const auto &[name, value] : reply.headers) response.set(name, value);
            response.body() = reply.body;
            response.prepare_payload();
            co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return;
        }
    }

    asio::awaitable<void> accept() {
        for (;;) asio::co_spawn(io, serve(co_await acceptor.async_accept(asio::use_awaitable)), asio::detached);
    }
};

AnswerServer::AnswerServer(Answer answer) : impl_(std::make_unique<Impl>()) {
    impl_->answer = std::move(answer);
    asio::co_spawn(impl_->io, impl_->accept(), asio::detached);
    impl_->thread = std::thread([this] { impl_->io.run(); });
}

AnswerServer::~AnswerServer() {
    impl_->io.stop();
    impl_->thread.join();
}

std::string AnswerServer::url() const {
    return fmt::format("http://127.0.0.1:{}", impl_->acceptor.local_endpoint().port());
}

std::vector<AnswerServer::Request> AnswerServer::requests() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->requests;
}

std::vector<std::string> AnswerServer::lines() const {
    std::vector<std::string> out;
    for (const Request &each : requests())
        out.push_back(each.method + " " + each.target.substr(0, each.target.find('?')));
    return out;
}
