// A Hub with one project, as far as an import of assets needs it, on its own thread. For one client at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

class ProjectServer {
public:
    struct Asset {
        std::string id, external_id, data;
        std::int64_t created_at = 0; ///< ms since 1970
    };
    /// The fate of a POST.
    enum class Fate {
        answered,
        lost_before,   ///< the connection ends before anything is done
        lost_after,    ///< … after it
        failed_before, ///< status 500
        failed_after,
        half,    ///< the first half is created, then the connection ends
        late,    ///< the connection ends, and 40 ms later it is done
        refused, ///< status 400
        part,    ///< the first half is created, and the answer says so
    };

    ProjectServer();
    ~ProjectServer();
    ProjectServer(const ProjectServer &) = delete;
    ProjectServer &operator=(const ProjectServer &) = delete;

    std::string url() const;

    // The properties of this Hub. Set them before the first request.
    bool says_created_at = true, newest_first = true, knows_filters = true, says_date = true, signs_urls = false;
    std::int64_t clock_offset = 0;            ///< ms
    std::size_t page_limit = 100;             ///< assets on a page, whatever a request asks for
    bool says_total = true, has_pages = true; ///< has_pages: not the first one for every number
    std::string never;                        ///< an asset with this name is never created
    int delete_at_get = -1;                   ///< so many requests for lists before the newest asset is deleted

    void fate(Fate next) { fates_.push_back(next); } ///< of the next POST of assets
    void label_fate(Fate next) { label_fates_.push_back(next); }
    /// Adds an asset that exists before the import.
    void has(std::string external_id, std::string data, std::chrono::milliseconds ago);

    std::map<std::string, int> count() const;  ///< of each "name data"
    std::map<std::string, int> labels() const; ///< how often each asset was labelled
    std::vector<std::size_t> posts() const;    ///< assets in each
    int gets() const { return gets_; }

private:
    struct Impl;
    struct Reply;
    Reply answer(std::string_view method, const std::string &target, const std::string &body);
    Reply list(const std::string &target);
    Reply import(const std::string &body);
    Reply label(const std::string &body);
    void create(const std::vector<Asset> &assets);
    void create_what_is_due();
    std::int64_t clock() const;

    mutable std::mutex mutex_;
    std::deque<Fate> fates_, label_fates_;
    std::vector<Asset> assets_; ///< oldest first
    std::vector<std::pair<std::chrono::steady_clock::time_point, std::vector<Asset>>> due_;
    std::map<std::string, int> labels_;
    std::vector<std::size_t> posts_;
    int gets_ = 0;
    std::unique_ptr<Impl> impl_;
};
