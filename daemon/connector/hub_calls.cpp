#include "connector/hub_calls.hpp"

#include "base/http_date.hpp"
#include "base/json.hpp"
#include "base/url.hpp"
#include "rest/answer.hpp"
#include "rest/counted_call.hpp"

#include <fmt/format.h>

namespace angod::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto kLookAtCancel = 250ms;
constexpr auto kConnectionIdle = 2500ms; // longer than the pause between two lines of a session log
constexpr std::uint64_t kMostAnswer = 1u << 20;

/// A success that says in its body that nothing was taken: {"data": {"response": {"received": false}}}.
bool is_denied(const json::Value &answer) {
    const json::Value *data = json::find(answer, "data");
    const json::Value *response = data ? json::find(*data, "response") : nullptr;
    const json::Value *received = response ? json::find(*response, "received") : nullptr;
    return received && received->IsFalse();
}

Posted call(rest::HttpClient &client, const Post &post, const CancelToken &cancel) {
    if (cancel.cancelled()) return {error(Code::cancelled, "cancelled")};
    rest::Request request;
    request.method = "POST";
    request.url = post.url;
    request.headers = {{"Accept", "application/json"}, {"Content-Type", "application/json"}};
    request.private_headers = {{"apikey", post.api_key}};
    request.body = post.body;
    request.body_limit = kMostAnswer;
    request.stall_timeout = 30s;
    request.whole_timeout = 60s;
    auto response = client.send(request, cancel);
    if (!response) return {response.error()};
    // A success without a body is fine.
    if (response->status >= 200 && response->status <= 299 && response->body.empty()) return {};
    const rest::Asked asked{post.what, response->host, {post.api_key}};
    const auto answer = rest::read_answer(asked, {response->status, response->header("Content-Type"), response->body});
    if (answer && !is_denied(*answer)) return {};
    if (answer)
        return {error(Code::protocol,
                      fmt::format("Hub answered that it has not received {} (from {})", post.what, response->host))};
    const auto retry_after = rest::wait_asked(*response);
    const bool over_limit = response->status == 429;
    return {answer.error(), retry_after.value_or(0ms), over_limit};
}

std::string name_of(const rest::ClientOptions &options) {
    return options.ca_file + '\n' + options.proxies.http + '\n' + options.proxies.https + '\n' +
           options.proxies.no_proxy;
}

} // namespace

HubCalls::HubCalls(const asio::any_io_executor &executor, hub::CallBudget &budget)
    : executor_(executor), budget_(budget), pool_(kThreads) {}

std::shared_ptr<HubCalls::Turn> HubCalls::line_up(const Post &post, const std::shared_ptr<CancelToken> &cancel) {
    auto turn = std::make_shared<Turn>(executor_);
    budget_.want(post.api_key, post.urgency, [turn, cancel] {
        if (cancel->cancelled()) return false;
        turn->granted = true;
        turn->changed.wake_all();
        return true;
    });
    return turn;
}

/// Returns when the call may be made, or after a cancel.
awaitable<void> HubCalls::permit(const Post &post, const std::shared_ptr<CancelToken> &cancel) {
    const auto turn = line_up(post, cancel);
    // A token wakes no coroutine, so it is looked at from time to time.
    while (!turn->granted && !cancel->cancelled())
        co_await turn->changed.wait_until(std::chrono::steady_clock::now() + kLookAtCancel);
}

awaitable<Posted> HubCalls::post(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel) {
    co_await permit(post, cancel);
    co_return co_await send(options, std::move(post), std::move(cancel));
}

awaitable<Posted> HubCalls::post_now(const rest::ClientOptions &options, Post post,
                                     std::shared_ptr<CancelToken> cancel) {
    if (!budget_.take(post.api_key, post.urgency)) {
        Posted none;
        none.failed = error(Code::network, "the API key has used up its calls of this minute");
        co_return none;
    }
    co_return co_await send(options, std::move(post), std::move(cancel));
}

awaitable<Posted> HubCalls::send(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel) {
    auto client = take_client(options);
    const std::uint64_t age = age_;
    const auto work = [&] { return call(*client, post, *cancel); };
    Posted posted = co_await on_pool(pool_, work);
    if (posted.over_limit) {
        std::optional<std::chrono::milliseconds> wait;
        if (posted.retry_after > 0ms) wait = posted.retry_after;
        budget_.refused(post.api_key, wait);
    }
    if (age == age_) give_back(options, std::move(client));
    co_return posted;
}

void HubCalls::renew() {
    ++age_;
    free_.clear();
}

std::unique_ptr<rest::HttpClient> HubCalls::take_client(const rest::ClientOptions &options) {
    auto &free = free_[name_of(options)];
    if (free.empty()) return std::make_unique<rest::HttpClient>(options);
    auto client = std::move(free.back());
    free.pop_back();
    return client;
}

void HubCalls::give_back(const rest::ClientOptions &options, std::unique_ptr<rest::HttpClient> client) {
    last_use_ = std::chrono::steady_clock::now();
    auto &free = free_[name_of(options)];
    if (free.size() < kThreads) free.push_back(std::move(client));
    if (!std::exchange(closing_, true)) spawn(executor_, "idle connections to Hub", close_idle());
}

awaitable<void> HubCalls::close_idle() {
    for (auto left = kConnectionIdle; left > 0ms;) {
        co_await pause(left);
        const auto idle = std::chrono::steady_clock::now() - last_use_;
        left = kConnectionIdle - std::chrono::floor<std::chrono::milliseconds>(idle);
    }
    free_.clear();
    closing_ = false;
}

} // namespace angod::connector
