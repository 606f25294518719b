#include "connector/connector.hpp"

#include "base/plural.hpp"
#include "connector/rest_link.hpp"

namespace angod::connector {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kWarnEvery = 1min;

http::ServerOptions options() {
    http::ServerOptions options;
    options.name = "connector";
    options.body_limit = std::size_t{64} << 20; // the limit of a plugin's connection, too
    options.bodies_limit = std::size_t{256} << 20;
    options.max_connections = 1'024; // a stage of a workflow sends hundreds of calls at once
    options.idle_limit = 75s;        // longer than proxies keep theirs
    options.head_limit = 10s;
    options.body_time = 60s;
    options.write_limit = 30s;
    return options;
}

http::Response plain(int status) {
    http::Response response;
    response.status = status;
    return response;
}

} // namespace

Result<std::unique_ptr<Connector>> Connector::open(const asio::any_io_executor &executor, const std::string &address,
                                                   std::uint16_t port, hub::CallBudget &budget) {
    auto acceptor = http::listen_tcp(executor, address, port);
    if (!acceptor) return acceptor.error();
    return std::unique_ptr<Connector>(new Connector(executor, std::move(*acceptor), budget));
}

Connector::Connector(const asio::any_io_executor &executor, http::Acceptor acceptor, hub::CallBudget &budget)
    : calls_(executor, budget),
      server_(
          std::move(acceptor), [this](http::Request request) { return handle(std::move(request)); },
          [this] {
              http::ServerOptions made = options();
              made.admit = [this](const http::Request &head) { return admit(head); };
              return made;
          }()) {}

std::uint64_t Connector::add(std::string_view secret, RestLink &link) {
    secrets_.add(secret, ++last_id_);
    links_[last_id_] = &link;
    return last_id_;
}

void Connector::remove(std::uint64_t id) {
    secrets_.remove(id);
    links_.erase(id);
}

void Connector::set_hold(std::chrono::milliseconds hold, bool hold_workflow) {
    for (const auto &[id, link] : links_) link->set_hold(hold, hold_workflow);
}

RestLink *Connector::link_of(const http::Request &request) const {
    const auto id = secrets_.find(request.header("secret").value_or(std::string_view()));
    const auto found = id ? links_.find(*id) : links_.end();
    return found == links_.end() ? nullptr : found->second;
}

/// A call without a secret learns nothing about the paths, and its body is not read.
std::optional<http::Response> Connector::admit(const http::Request &head) {
    if (!link_of(head)) {
        count_wrong_secret();
        return plain(401);
    }
    const bool heartbeat = head.path == "/heartbeat";
    if (!heartbeat && head.path != "/plugin") return plain(404);
    if (head.method != (heartbeat ? "GET" : "POST")) return plain(405);
    const auto encoding = head.header("content-encoding");
    if (encoding && *encoding != "identity") return plain(415);
    return std::nullopt;
}

awaitable<http::Response> Connector::handle(http::Request request) {
    RestLink *link = link_of(request); // the link may be removed since admit()
    if (!link) co_return plain(401);
    if (request.path == "/heartbeat") co_return draining_ ? plain(503) : link->heartbeat();
    co_return co_await link->take(std::move(request));
}

/// At most one line a minute, so that wrong calls cannot fill the log.
void Connector::count_wrong_secret() {
    ++wrong_secrets_;
    if (Clock::now() < next_warning_) return;
    next_warning_ = Clock::now() + kWarnEvery;
    Log().warning("refused {} call{} to the connector without the secret of a plugin", wrong_secrets_,
                  plural(wrong_secrets_));
    wrong_secrets_ = 0;
}

} // namespace angod::connector
