#include "socketio/delivery_proof.hpp"

#include <doctest/doctest.h>

using angod::socketio::DeliveryProof;

TEST_CASE("a mark is proved by the pong of a ping behind it") {
    DeliveryProof proof;
    CHECK(proof.ping() == 0);
    CHECK(proof.add() == 1);
    CHECK(proof.ping() == 1);
    CHECK(proof.on_pong("1") == 1);
    CHECK(proof.on_pong("1") == 0);
    CHECK(proof.ping() == 0);
}

TEST_CASE("one ping is under way at a time; the next one stands for all marks since") {
    DeliveryProof proof;
    proof.add();
    CHECK(proof.ping() == 1);
    proof.add();
    proof.add();
    CHECK(proof.ping() == 0);
    CHECK(proof.on_pong("1") == 1);
    CHECK(proof.ping() == 3);
    CHECK(proof.on_pong("3") == 3);
}

TEST_CASE("a ping of the server proves what was written before the answer to its ping before") {
    DeliveryProof proof;
    proof.add();
    CHECK(proof.on_server_ping() == 0);
    proof.answered_server_ping();
    proof.add();
    CHECK(proof.on_server_ping() == 1);
    proof.answered_server_ping();
    CHECK(proof.on_server_ping() == 2);
    CHECK(proof.on_server_ping() == 0);
}

TEST_CASE("a pong that nobody asked for proves nothing") {
    DeliveryProof proof;
    proof.add();
    for (const char *payload : {"1", "2", "", "x", "-1", "99999999999999999999999"}) CHECK(proof.on_pong(payload) == 0);
    CHECK(proof.ping() == 1);
    CHECK(proof.on_pong("2") == 0);
    CHECK(proof.on_pong("1") == 1);
}
