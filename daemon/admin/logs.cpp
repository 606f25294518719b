#include "admin/logs.hpp"

#include "admin/routes.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace angod::admin {

namespace {

constexpr std::string_view kType = "application/x-ndjson";
/// Of what is written at a time; the rest waits in the tail, where it costs nothing.
constexpr std::size_t kPiece = 32 * 1024;

/// The log of one caller, as it comes.
class Follower {
public:
    Follower(asio::any_io_executor executor, LogTail &tail, const LogFilter &filter,
             std::shared_ptr<http::Caller> caller, std::shared_ptr<const bool> place)
        : news_(std::make_shared<Signal>(executor)),
          caller_(std::move(caller)),
          place_(std::move(place)),
          reader_(tail, filter, [executor, news = news_] { asio::post(executor, [news] { news->wake_all(); }); }) {}

    /// Empty: the caller has gone.
    awaitable<std::string> next() {
        caller_->on_gone = [news = news_] { news->wake_all(); };
        std::string piece;
        while (piece.empty() && !caller_->gone) {
            piece = reader_.next(kPiece);
            if (piece.empty()) co_await news_->wait();
        }
        if (caller_->gone) piece.clear();
        co_return piece;
    }

private:
    const std::shared_ptr<Signal> news_;
    const std::shared_ptr<http::Caller> caller_;
    const std::shared_ptr<const bool> place_;
    LogTail::Reader reader_;
};

struct Asked {
    LogFilter filter;
    bool follow = false;
    std::string problem; ///< empty: it can be done
};

Asked asked(const http::Request &request) {
    Asked asked;
    for (const auto &[name, value] : request.query) {
        if (name == "follow") {
            asked.follow = value == "1";
            if (value != "1" && value != "0") asked.problem = "follow must be 1 or 0";
        } else if (name == "level") {
            const auto level = log_level_of(value);
            if (!level) asked.problem = "level must be one of: debug, info, warning, error";
            asked.filter.level = level.value_or(LogLevel::debug);
        } else if (name == "plugin") {
            asked.filter.plugin = value;
        } else if (name == "job") {
            asked.filter.job = value;
        } else {
            asked.problem = fmt::format("unknown parameter \"{}\"; known: follow, level, plugin, job", name);
        }
    }
    return asked;
}

} // namespace

/// A plugin that is configured, or was: its lines are still there.
bool Logs::is_known(const std::string &plugin) const {
    LogFilter its_lines;
    its_lines.plugin = plugin;
    return views_.has_plugin(plugin) || !tail_.lines(its_lines).empty();
}

awaitable<http::Response> Logs::handle(http::Request request) {
    const Asked wish = asked(request);
    if (!wish.problem.empty()) co_return error_response(400, "invalid", wish.problem);
    if (!wish.filter.plugin.empty() && !is_known(wish.filter.plugin))
        co_return error_response(
            400, "invalid",
            fmt::format("there is no plugin \"{}\", and no line of such a plugin is kept", wish.filter.plugin));
    http::Response response;
    response.content_type = kType;
    if (!wish.follow) {
        response.body = tail_.lines(wish.filter);
        co_return response;
    }
    if (static_cast<std::size_t>(place_.use_count()) > kMostFollowers)
        co_return error_response(
            503, "full",
            fmt::format("{} others follow the log already; ask without follow, or end one of them", kMostFollowers));
    const auto executor = co_await asio::this_coro::executor;
    const auto follower = std::make_shared<Follower>(executor, tail_, wish.filter, request.caller, place_);
    response.pieces = [follower] { return follower->next(); };
    co_return response;
}

} // namespace angod::admin
