// Short writing of JSON objects for the admin answers.
#pragma once

#include "base/clock.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angod::admin {

class JsonWriter {
public:
    void begin_object() { writer_.StartObject(); }
    void end_object() { writer_.EndObject(); }
    void begin_array() { writer_.StartArray(); }
    void end_array() { writer_.EndArray(); }
    void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
    void text(std::string_view name, std::string_view value) {
        key(name);
        writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    void flag(std::string_view name, bool value) {
        key(name);
        writer_.Bool(value);
    }
    void number(std::string_view name, std::int64_t value) {
        key(name);
        writer_.Int64(value);
    }
    void texts(const std::vector<std::string> &values) {
        begin_array();
        for (const std::string &value : values)
            writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
        end_array();
    }
    /// ISO 8601, or null for 0.
    void time(std::string_view name, std::int64_t ms) {
        if (ms > 0) return text(name, iso_time(ms));
        key(name);
        writer_.Null();
    }
    std::string take() { return {buffer_.GetString(), buffer_.GetSize()}; }

private:
    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

} // namespace angod::admin
