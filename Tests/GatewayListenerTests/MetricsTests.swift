import CoreMetrics
import GatewayListener
import Testing

/// Metrics as Prometheus reads them.
@Suite struct MetricsTests {
    @Test func requestsAreCountedByTemplateAndStatus() async throws {
        let metrics = PrometheusMetrics()
        let item = ListenerRoute("GET", "/items/{id}") { request in
            .empty(status: request.parameters["id"] == "1" ? 204 : 404)
        }
        let service = HTTPService(
            .tcp(host: "127.0.0.1", port: 0),
            routes: [item, metrics.route()],
            metrics: metrics
        )
        try await withService(service) { port in
            for (path, method) in [("/items/1", "GET"), ("/items/1", "GET"), ("/items/2", "GET"), ("/no/1", "BREW")] {
                let ask = "\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                _ = try await exchangeBytes(port: port, ask)
            }
            _ = try await exchangeBytes(port: port, "\u{0}\r\n\r\n")
            let page = try await exchangeBytes(
                port: port,
                "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(page.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
            #expect(page.contains("# TYPE http_requests_total counter\n"))
            for (labels, count) in [
                (#"method="GET",route="/items/{id}",status="204""#, 2),
                (#"method="GET",route="/items/{id}",status="404""#, 1),
                (#"method="other",route="none",status="400""#, 2),
            ] {
                #expect(page.contains("\nhttp_requests_total{\(labels)} \(count)\n"), "\(page)")
            }
            #expect(page.contains("\nhttp_request_duration_seconds_count{route=\"/items/{id}\"} 3\n"))
        }
    }

    @Test func everyKindHasItsText() {
        let metrics = PrometheusMetrics()
        Counter(label: "a.counter", dimensions: [("z", "1"), ("b-c", "x\"y\\\n")], factory: metrics).increment(by: 3)
        FloatingPointCounter(label: "9float", factory: metrics).increment(by: 0.5)
        Meter(label: "meter", factory: metrics).set(-2)
        Gauge(label: "gauge", factory: metrics).record(1.25)
        Recorder(label: "recorder", factory: metrics).record(4)
        Recorder(label: "recorder", factory: metrics).record(6)
        Timer(label: "timer", factory: metrics).recordMilliseconds(20)
        Timer(label: "timer", factory: metrics).recordSeconds(1_000)
        let text = metrics.text()
        for line in [
            "# TYPE a_counter counter\na_counter{b_c=\"x\\\"y\\\\\\n\",z=\"1\"} 3\n",
            "# TYPE _9float counter\n_9float 0.5\n",
            "# TYPE meter gauge\nmeter -2\n", "# TYPE gauge gauge\ngauge 1.25\n",
            "# TYPE recorder summary\nrecorder_sum 10\nrecorder_count 2\n", "# TYPE timer histogram\n",
            "timer_bucket{le=\"0.01\"} 0\n", "timer_bucket{le=\"0.025\"} 1\n", "timer_bucket{le=\"300\"} 1\n",
            "timer_bucket{le=\"+Inf\"} 2\ntimer_sum 1000.02\ntimer_count 2\n",
        ] {
            #expect(text.contains(line), "\(line) in \(text)")
        }
    }

    @Test func nobodyCanMakeAnyNumberOfSeries() {
        let metrics = PrometheusMetrics()
        for index in 0..<10_000 { metrics.count("many", [("client", "\(index)")]) }
        let lines = metrics.text().split(separator: "\n").filter { $0.hasPrefix("many{") }
        #expect(lines.count == PrometheusMetrics.mostSeries + 1)
        #expect(lines.contains("many{client=\"other\"} \(10_000 - PrometheusMetrics.mostSeries)"))
        for index in 0..<10_000 { metrics.count("family\(index)") }
        #expect(
            metrics.text().split(separator: "\n").filter { $0.hasPrefix("# TYPE") }.count
                == PrometheusMetrics.mostFamilies
        )
    }

    @Test func aNameWithTwoKindsKeepsTheFirst() {
        let metrics = PrometheusMetrics()
        metrics.count("name")
        metrics.set("name", to: 7)
        #expect(metrics.text() == "# TYPE name counter\nname 1\n")
    }
}
