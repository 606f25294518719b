// A plugin that Hub calls. Runs and heartbeats come as requests. An answer leaves as the response to the call of its run if
// that call still waits for it, and otherwise through Hub's API, as session logs do.
//
// Event loop only. An answer is delivered when the caller's machine has received the response, or Hub has accepted it.
//
//   phase      event                                   next phase
//   stopped    start()                                 started
//   started    stop()                                  stopped
//   started    stop_routing()                          unrouted
//   stopped    stop_routing()                          left
//   unrouted   stop()                                  left
//   left       start()                                 unrouted
//
// Calls of Hub reach the link while it is stopped or started. A stopped link answers them, too: with a refusal, or with the
// record of the run. An unrouted link only answers the calls that it holds.
#pragma once

#include "base/cancel.hpp"
#include "connector/connector.hpp"
#include "connector/held_calls.hpp"
#include "connector/outgoing.hpp"
#include "hub/link.hpp"
#include "hub/log_buffer.hpp"
#include "rest/http_client.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

namespace angod::connector {

struct RestOptions {
    std::string id, secret;
    std::string api_url; ///< without a slash at the end
    rest::ClientOptions client;
    std::chrono::milliseconds hold{50'000}; ///< how long a run's call waits for its answer
    bool hold_workflow = false;             ///< calls for tasks of workflows wait as well
};

class RestLink : public hub::Link {
public:
    /// Receives Hub's calls from now on. connector outlives it.
    RestLink(const asio::any_io_executor &executor, asio::thread_pool &pool, Connector &connector, RestOptions options,
             Callbacks callbacks, Log log);
    ~RestLink() override;

    void start() override;
    awaitable<void> stop() override;
    void stop_routing() override;
    void set_hold(std::chrono::milliseconds hold, bool hold_workflow) {
        options_.hold = hold;
        options_.hold_workflow = hold_workflow;
    }

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
    enum class Phase { stopped, started, unrouted, left };
    struct Parcel;
    struct HandOver;
    using ParcelPtr = std::shared_ptr<Parcel>;
    using Time = std::chrono::steady_clock::time_point;

    bool routed() const { return phase_ == Phase::stopped || phase_ == Phase::started; }
    bool working() const { return phase_ == Phase::started || phase_ == Phase::unrouted; }
    bool recently_asked() const;
    awaitable<Result<hub::PluginEvent>> parse(std::string &body);
    ParcelPtr parcel(const std::string &key, std::string_view log_context);
    awaitable<void> serve(ParcelPtr parcel);
    awaitable<Time> step(ParcelPtr parcel);
    awaitable<void> post_line(ParcelPtr parcel);
    awaitable<void> hand_over(ParcelPtr parcel);
    awaitable<void> post_answer(ParcelPtr parcel);
    void answer_failed(Outgoing &outgoing, const Posted &posted);
    enum class Content { line, answer };
    awaitable<Posted> post(const hub::Run &run, Content content, std::string body);
    void delivered(Parcel &parcel);

    asio::any_io_executor executor_;
    asio::thread_pool &pool_;
    Connector &connector_;
    RestOptions options_;
    Callbacks callbacks_;
    Log log_;
    const std::uint64_t connector_id_; ///< while it is routed

    Phase phase_ = Phase::stopped;
    HeldCalls held_;
    std::unordered_map<std::string, ParcelPtr> parcels_; ///< by key
    hub::LogBuffer lines_;                               ///< lines of all parcels
    std::uint64_t epoch_ = 0; ///< number of the time between start and stop; work of an earlier one ends itself
    std::shared_ptr<CancelToken> cancel_;
    std::size_t serving_ = 0;
    Signal served_;

    std::int64_t last_heartbeat_ms_ = 0, last_heartbeat_boot_ms_ = 0;
    std::uint64_t connects_ = 0;
};

} // namespace angod::connector
