// A blocking HTTP server for one connection at a time. It keeps the assets of a project, lists them in pages or by
// name, and creates those of a POST. For each POST a test can choose a fate, such as an answer that is lost before or
// after the assets were created.
#include "host/import/project_server.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/percent.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <optional>
#include <thread>

using namespace angod;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;

struct ProjectServer::Reply {
    bool lost = false;
    unsigned status = 200;
    std::string body;
};

struct ProjectServer::Impl {
    boost::asio::io_context io;
    tcp::acceptor acceptor{io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
    std::atomic<bool> stopping{false};
    std::thread thread;

    void serve(ProjectServer &server) {
        while (!stopping) {
            boost::system::error_code failed;
            tcp::socket socket(io);
            acceptor.accept(socket, failed);
            boost::beast::flat_buffer buffer;
            while (!failed && !stopping) {
                http::request<http::string_body> request;
                http::read(socket, buffer, request, failed);
                if (failed) break;
                const auto reply =
                    server.answer(std::string_view(request.method_string().data(), request.method_string().size()),
                                  std::string(request.target()), request.body());
                if (reply.lost) break;
                http::response<http::string_body> response(http::status(reply.status), 11);
                response.set(http::field::content_type, "application/json");
                if (server.says_date)
                    response.set(http::field::date,
                                 fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                                             fmt::gmtime(static_cast<std::time_t>(server.clock() / 1000))));
                response.body() = reply.body;
                response.prepare_payload();
                http::write(socket, response, failed);
            }
        }
    }
};

ProjectServer::ProjectServer() : impl_(std::make_unique<Impl>()) {
    impl_->thread = std::thread([this] { impl_->serve(*this); });
}

ProjectServer::~ProjectServer() {
    impl_->stopping = true;
    boost::system::error_code ignored;
    tcp::socket wake(impl_->io);
    wake.connect(impl_->acceptor.local_endpoint(), ignored);
    impl_->thread.join();
}

std::string ProjectServer::url() const {
    return fmt::format("http://127.0.0.1:{}", impl_->acceptor.local_endpoint().port());
}

std::int64_t ProjectServer::clock() const { return now_ms() + clock_offset; }

void ProjectServer::has(std::string external_id, std::string data, std::chrono::milliseconds ago) {
    const std::lock_guard lock(mutex_);
    assets_.push_back(
        {fmt::format("id{}", assets_.size()), std::move(external_id), std::move(data), clock() - ago.count()});
}

std::map<std::string, int> ProjectServer::count() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> out;
    for (const Asset &asset : assets_) ++out[asset.external_id + ' ' + asset.data];
    return out;
}

std::map<std::string, int> ProjectServer::labels() const {
    const std::lock_guard lock(mutex_);
    return labels_;
}

std::vector<std::size_t> ProjectServer::posts() const {
    const std::lock_guard lock(mutex_);
    return posts_;
}

ProjectServer::Reply ProjectServer::answer(std::string_view method, const std::string &target,
                                           const std::string &body) {
    const std::lock_guard lock(mutex_);
    create_what_is_due();
    if (method == "GET") return list(target);
    return target.ends_with("/cloud") ? import(body) : label(body);
}

ProjectServer::Reply ProjectServer::list(const std::string &target) {
    if (gets_ == delete_at_get && !assets_.empty()) assets_.pop_back();
    ++gets_;
    std::size_t page = 1;
    if (const auto at = target.find("page="); at != target.npos) page = std::stoul(target.substr(at + 5));
    std::vector<const Asset *> found;
    auto filter = target.find("filters=");
    if (filter != target.npos && target.find("filters=%7B%7D") != target.npos) filter = target.npos; // an empty object
    for (const Asset &asset : assets_)
        if (filter == target.npos || !knows_filters ||
            target.find(percent_encode(json::quote(asset.external_id)), filter) != target.npos)
            found.push_back(&asset);
    if (newest_first) std::reverse(found.begin(), found.end());
    if (!has_pages) page = 1;
    std::vector<std::string> out;
    for (std::size_t i = (page - 1) * page_limit; i < std::min(found.size(), page * page_limit); ++i) {
        const Asset &asset = *found[i];
        out.push_back(
            fmt::format(R"({{"_id":"{}","externalId":{},"data":{}{}}})", asset.id, json::quote(asset.external_id),
                        json::quote(asset.data + (signs_urls ? "?X-Signature=1" : "")),
                        says_created_at ? fmt::format(R"(,"createdAt":"{}")", iso_time(asset.created_at)) : ""));
    }
    return {.body = fmt::format(R"({{"status":"success","data":{{"assets":[{}]{}}}}})", fmt::join(out, ","),
                                says_total ? fmt::format(R"(,"total":{})", found.size()) : "")};
}

void ProjectServer::create(const std::vector<Asset> &assets) {
    for (const Asset &asset : assets) {
        assets_.push_back(asset);
        assets_.back().id = fmt::format("id{}", assets_.size());
        assets_.back().created_at = clock();
    }
}

void ProjectServer::create_what_is_due() {
    while (!due_.empty() && due_.front().first <= std::chrono::steady_clock::now()) {
        create(due_.front().second);
        due_.erase(due_.begin());
    }
}

ProjectServer::Reply ProjectServer::import(const std::string &body) {
    const auto call = json::parse(body);
    std::vector<Asset> assets;
    for (const auto &asset : (*call)["assets"].GetArray())
        assets.push_back({"", json::text_or(asset, "externalId", ""), json::text_or(asset, "data", ""), 0});
    posts_.push_back(assets.size());
    Fate fate = Fate::answered;
    if (!fates_.empty()) {
        fate = fates_.front();
        fates_.pop_front();
    }
    switch (fate) {
        case Fate::lost_before: return {.lost = true};
        case Fate::failed_before: return {.status = 500};
        case Fate::refused: return {.status = 400, .body = R"({"status":"fail","message":"no such batch"})"};
        case Fate::late:
            due_.emplace_back(std::chrono::steady_clock::now() + std::chrono::milliseconds(40), assets);
            return {.lost = true};
        case Fate::part:
        case Fate::half: assets.resize(assets.size() / 2); break;
        default: break;
    }
    std::erase_if(assets, [this](const Asset &asset) { return !never.empty() && asset.external_id == never; });
    create(assets);
    if (fate == Fate::lost_after || fate == Fate::half) return {.lost = true};
    if (fate == Fate::failed_after) return {.status = 500};
    return {.body = fmt::format(R"({{"status":"success","data":{{"assets":{{"assetsCreated":{}}}}}}})", assets.size())};
}

ProjectServer::Reply ProjectServer::label(const std::string &body) {
    const auto call = json::parse(body);
    const auto &labels = (*call)["jsonContent"];
    Fate fate = Fate::answered;
    if (!label_fates_.empty()) {
        fate = label_fates_.front();
        label_fates_.pop_front();
    }
    if (fate == Fate::lost_before) return {.lost = true};
    for (const auto &label : labels.GetArray()) ++labels_[json::text_or(label, "externalId", "")];
    if (fate == Fate::lost_after) return {.lost = true};
    return {.body = fmt::format(R"({{"status":"success","data":{{"project":"{0} / {0} tasks are labeled."}}}})",
                                labels.Size())};
}
