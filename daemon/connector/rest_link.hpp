// A plugin that Hub calls: runs and heartbeats come as requests; answers leave as the response to the run's own request
// where somebody still waits for it, else through Hub's API, as session logs do.
//
// Event loop only. An answer is delivered when the caller's machine has taken the response, or Hub has said yes.
#pragma once

#include "base/cancel.hpp"
#include "connector/connector.hpp"
#include "hub/link.hpp"
#include "hub/log_buffer.hpp"
#include "rest/http_client.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace angod::connector {

struct RestOptions {
    std::string id, secret;
    std::string api_url; ///< without a slash at the end
    rest::ClientOptions client;
    std::chrono::milliseconds hold{50'000}; ///< how long a run's request waits for its answer
};

class RestLink : public hub::Link {
public:
    /// Takes Hub's calls until it leaves, also while it is stopped: what cannot be done is answered, too. connector outlives
    /// it.
    RestLink(const asio::any_io_executor &executor, asio::thread_pool &pool, Connector &connector, RestOptions options,
             Callbacks callbacks, Log log);
    ~RestLink() override;

    void start() override;
    awaitable<void> stop() override;
    void leave() override;
    void set_hold(std::chrono::milliseconds hold) { options_.hold = hold; }

    /// Live: Hub has asked for a heartbeat in the last minutes.
    socketio::LinkState state() const override;
    const std::string &reason() const override;
    /// How often it became live.
    std::uint64_t connects() const override { return connects_; }
    std::uint64_t max_payload() const override { return 0; }
    std::int64_t last_heartbeat_ms() const override { return last_heartbeat_ms_; }

    Sent send_answer(const std::string &key, std::string_view message, std::string_view log_context) override;
    bool fits(std::string_view) const override { return true; }
    void log(const std::string &key, std::string_view log_context, hub::LogLevel level, std::string_view text) override;

    // The calls of Hub, from the connector.
    http::Response heartbeat();
    awaitable<http::Response> take(http::Request request);

private:
    struct Waiter;
    struct Parcel;
    using WaiterPtr = std::shared_ptr<Waiter>;
    using ParcelPtr = std::shared_ptr<Parcel>;
    using Time = std::chrono::steady_clock::time_point;

    bool recently_asked() const;
    ParcelPtr parcel(const std::string &key, std::string_view log_context);
    awaitable<void> serve(ParcelPtr parcel);
    awaitable<Time> step(ParcelPtr parcel);
    void gather(Parcel &parcel);
    awaitable<void> post_line(ParcelPtr parcel);
    awaitable<bool> hand_over(ParcelPtr parcel);
    awaitable<void> post_answer(ParcelPtr parcel);
    awaitable<Posted> post(const hub::Run &run, const char *what, const char *path, std::string body);
    void try_later(Parcel &parcel, const Posted &posted);
    void delivered(Parcel &parcel);
    std::vector<WaiterPtr> take_waiters(const std::string &digest);
    void release_waiters(const std::string &digest);

    asio::any_io_executor executor_;
    asio::thread_pool &pool_;
    Connector &connector_;
    RestOptions options_;
    Callbacks callbacks_;
    Log log_;
    std::optional<std::uint64_t> connector_id_; ///< nothing: it has left

    std::multimap<std::string, WaiterPtr> waiting_;      ///< requests without their answer, by digest of the event
    std::unordered_map<std::string, ParcelPtr> parcels_; ///< what is on its way to Hub, by key
    hub::LogBuffer kept_;
    bool started_ = false;
    std::uint64_t epoch_ = 0; ///< of the time between start and stop; what belongs to an earlier one ends itself
    std::shared_ptr<CancelToken> cancel_;
    std::size_t serving_ = 0;
    Signal served_;

    std::int64_t last_heartbeat_ms_ = 0, last_heartbeat_boot_ms_ = 0;
    std::uint64_t connects_ = 0;
};

} // namespace angod::connector
