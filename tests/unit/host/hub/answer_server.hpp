// An HTTP server on loopback that answers as a test says. It plays Hub and the storages behind it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

class AnswerServer {
public:
    struct Request {
        std::string method;
        std::string target; ///< with the query
        std::string body;
        std::map<std::string, std::string> headers; ///< names in lower case
    };
    struct Reply {
        std::string body;
        unsigned status = 200;
        std::map<std::string, std::string> headers = {};
        bool lost = false; ///< the connection ends without an answer
    };
    /// Is called on the server's thread, for one request at a time.
    using Answer = std::function<Reply(const Request &)>;

    explicit AnswerServer(Answer answer);
    ~AnswerServer();
    AnswerServer(const AnswerServer &) = delete;
    AnswerServer &operator=(const AnswerServer &) = delete;

    /// Without a slash at the end.
    std::string url() const;
    /// All requests until now, in order.
    std::vector<Request> requests() const;
    /// The same as "METHOD path", without queries.
    std::vector<std::string> lines() const;
    static Reply lost() { return {"", 200, {}, true}; }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};
