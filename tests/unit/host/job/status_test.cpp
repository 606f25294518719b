#include "host/job/status.hpp"

#include <ango/module.h>
#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

TEST_CASE("a module sees one of four statuses for an error of the host") {
    CHECK(status_of(error(Code::cancelled, "")) == ANGO_CANCELLED);
    CHECK(status_of(error(Code::limit, "")) == ANGO_LIMIT);
    for (const Code code : {Code::io, Code::full, Code::network, Code::timeout, Code::remote})
        CHECK(status_of(error(code, "")) == ANGO_IO);
    for (const Code code : {Code::invalid, Code::not_found, Code::protocol})
        CHECK(status_of(error(code, "")) == ANGO_FAILED);
}
